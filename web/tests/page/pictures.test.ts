// SPDX-License-Identifier: BSD-3-Clause
// Ten states of the page against their pictures in docs/images. Fonts differ between machines, so
// both are shrunk to blocks of 16 × 16 pixels and their mean colours compared: what moved, came or
// went by more than a line shows, a letter's shape does not.
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { Bench, type NotebookPage } from "../support/page.ts";
import { BUILD, notebookOf, type TestCell } from "../support/serve.ts";

const bench = new Bench();
after(() => bench.close());

const IMAGES = resolve(import.meta.dirname, "../../../docs/images");
const MADE = join(process.env["CELLDAP_PICTURES"] ?? join(BUILD, "results/web"));
const BLOCK = 16;
const COLOUR = 26; // of 255, in one channel of a block's mean
const DIFFERENT = 0.06; // of all blocks

/** What share of the blocks is different; compared by the browser itself. */
function compare(page: NotebookPage, a: Buffer, b: Buffer): Promise<number> {
  const urls = [a, b].map((picture) => `data:image/png;base64,${picture.toString("base64")}`);
  return page.page.evaluate(
    async ({ urls, block, colour }) => {
      const means = await Promise.all(
        urls.map(async (url) => {
          const image = new Image();
          image.src = url;
          await image.decode();
          const width = Math.ceil(image.width / block);
          const height = Math.ceil(image.height / block);
          const context = new OffscreenCanvas(width, height).getContext("2d");
          if (context !== null) {
            context.imageSmoothingQuality = "high";
          }
          context?.drawImage(image, 0, 0, width, height);
          return context?.getImageData(0, 0, width, height).data ?? new Uint8ClampedArray();
        }),
      );
      const [one, two] = means;
      if (one === undefined || two?.length !== one.length) {
        return 1;
      }
      let different = 0;
      for (let at = 0; at < one.length; at += 4) {
        const far = [0, 1, 2].some(
          (channel) => Math.abs((one[at + channel] ?? 0) - (two[at + channel] ?? 0)) > colour,
        );
        different += far ? 1 : 0;
      }
      return different / (one.length / 4);
    },
    { urls, block: BLOCK, colour: COLOUR },
  );
}

/** Compares with the picture of that name; CELLDAP_DRAW makes it instead. */
async function looksLike(page: NotebookPage, name: string): Promise<void> {
  await page.page.evaluate(() => document.fonts.ready);
  await page.page.mouse.move(700, 880);
  const made = await page.page.screenshot({ animations: "disabled", caret: "hide" });
  const file = join(IMAGES, `${name}.png`);
  if (process.env["CELLDAP_DRAW"] !== undefined) {
    await mkdir(IMAGES, { recursive: true });
    await writeFile(file, made);
    return;
  }
  const share = await compare(page, made, await readFile(file));
  await mkdir(MADE, { recursive: true });
  await writeFile(join(MADE, `${name}.png`), made);
  assert.ok(share <= DIFFERENT, `${name}: ${Math.round(share * 100)} % of the blocks differ`);
}

const ANALYSIS: readonly TestCell[] = [
  {
    type: "markdown",
    source: "# Falling bodies\n\nThe distance after $t$ seconds is $s = \\frac{1}{2} g t^2$.",
  },
  {
    source: [
      "def fallen(seconds, g=9.81):",
      '    """How far a body falls, in metres."""',
      "    distance = g * seconds ** 2 / 2",
      "    return round(distance, 1)",
      "",
      "table = {t: fallen(t) for t in range(1, 5)}",
      "for t, metres in table.items():",
      "    print(f'{t} s  {metres:6.1f} m')",
    ].join("\n"),
  },
  {
    source:
      "import pandas as pd\npd.DataFrame({'seconds': table.keys(), 'metres': table.values()})",
  },
];

async function draw(page: NotebookPage, theme: "light" | "dark"): Promise<void> {
  if ((await page.page.locator("html").getAttribute("data-theme")) !== theme) {
    await page.command("theme");
  }
  const hint = page.page.locator("[title='Close the hint']");
  if ((await hint.count()) > 0) {
    await hint.click();
  }
}

async function stop(page: NotebookPage): Promise<void> {
  await page.margin(1, 4);
  await page.dots(1).first().waitFor();
  await page.run(1);
  await page.stoppedAt(1, 4);
}

async function finish(page: NotebookPage): Promise<void> {
  await page.margin(1, 4);
  await page.dots(1).first().waitFor({ state: "detached" });
  await page.key("F5");
  await page.ran(1);
}

test("a notebook that was just opened, with the first hint", async (t) => {
  await bench.files(t, { "a.ipynb": notebookOf(ANALYSIS) }, "a.ipynb", async (page) => {
    await page.idle();
    await page.page.locator(".katex").first().waitFor();
    await page.cell(2).locator(".has-editor").waitFor();
    await looksLike(page, "page-first");
  });
});

for (const theme of ["light", "dark"] as const) {
  test(`the notebook and a stop in it, ${theme}`, async (t) => {
    await bench.notebook(t, ANALYSIS, async (page) => {
      await draw(page, theme);
      await page.page.locator(".katex").first().waitFor();
      await stop(page);
      await page.cell(1).locator(".inline-value").first().waitFor();
      await looksLike(page, `page-stopped-${theme}`);
      await page.console("[seconds, distance, g]");
      await looksLike(page, `page-console-${theme}`);
      await page.page.locator("[title='Hide the panel']").click();
      await finish(page);
      await page.run(2);
      await page.ran(2);
      await page.page.frameLocator(".sandbox").locator("td").first().waitFor();
      await looksLike(page, `page-outputs-${theme}`);
    });
  });
}

test("an exception, a condition, the keys", async (t) => {
  await bench.notebook(t, [...ANALYSIS, { source: "fallen('three')" }], async (page) => {
    await draw(page, "light");
    await stop(page);
    await finish(page);
    await page.run(2);
    await page.ran(2);
    await page.run(3);
    await page.stoppedAt(1, 3);
    await page.page.locator(".notice", { hasText: "TypeError" }).waitFor();
    await looksLike(page, "page-exception");
    await page.key("F5");
    await page.ran(3, "error");
    await page.margin(1, 3, "right");
    await page.page.locator("input[name=condition]").fill("seconds > 2");
    await looksLike(page, "page-breakpoint");
    await page.key("Enter");
    await page.page.locator("dialog").waitFor({ state: "detached" });
    await page.command("keys");
    await page.page.locator("dialog .keys").waitFor();
    await looksLike(page, "page-keys");
    await page.key("Escape");
  });
});
