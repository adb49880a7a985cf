// SPDX-License-Identifier: BSD-3-Clause
// axe-core finds no serious fault, light and dark, idle and stopped; by its rules.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, test } from "node:test";
import { Bench, type NotebookPage } from "../support/page.ts";

const bench = new Bench();
after(() => bench.close());

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** Serious and critical faults, one line each. Monaco's own inside is its makers' matter. */
async function faults({ page }: NotebookPage): Promise<readonly string[]> {
  const client = await page.context().newCDPSession(page);
  await client.send("Runtime.evaluate", { expression: await readFile(AXE, "utf8") });
  const { result } = await client.send("Runtime.evaluate", {
    expression:
      "axe.run({exclude: [['.monaco-editor'], ['.sandbox']]}, {resultTypes: ['violations']})" +
      ".then(({violations}) => violations.filter(v => ['serious', 'critical'].includes(v.impact))" +
      ".flatMap(v => v.nodes.map(n => v.id + ': ' + n.html.slice(0, 160))))",
    awaitPromise: true,
    returnByValue: true,
  });
  const value: unknown = result.value;
  assert.ok(Array.isArray(value));
  return value.filter((line) => typeof line === "string");
}

const SOURCE = "def f(n):\n    items = list(range(n))\n    return items\nprint('x')\nf(3)\n1/0";

for (const theme of ["light", "dark"]) {
  test(`no serious fault, ${theme}`, async (t) => {
    const cells = [
      { type: "markdown" as const, source: "# Title\n\n[link](https://x)" },
      { source: SOURCE },
    ];
    await bench.notebook(t, cells, async (page) => {
      if ((await page.page.locator("html").getAttribute("data-theme")) !== theme) {
        await page.command("theme");
      }
      assert.deepEqual(await faults(page), []);
      await page.margin(1, 3);
      await page.command("console");
      await page.run(1);
      await page.stoppedAt(1, 3);
      await page.console("items");
      assert.deepEqual(await faults(page), []);
      await page.key("F5");
      await page.stoppedAt(1, 6);
      await page.key("F5");
      await page.ran(1, "error");
      await page.page.locator(".kernel").click();
      await page.page.locator("[aria-label='running kernels'] button").first().waitFor();
      assert.deepEqual(await faults(page), []);
      await page.key("Escape");
      await page.command("keys");
      assert.deepEqual(await faults(page), []);
      await page.key("Escape");
    });
  });
}
