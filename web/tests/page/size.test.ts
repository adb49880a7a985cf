// SPDX-License-Identifier: BSD-3-Clause
// What is counted: bytes of the first load, nodes of a thousand cells, long tasks.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Page } from "playwright-core";
import { Bench } from "../support/page.ts";

const bench = new Bench();
after(() => bench.close());

const FIRST_LOAD_BYTES = 1_500_000;
const THREE_SCREENS = 3;

test("the first load is at most 1.5 MB, compressed, without the editor's workers", async (t) => {
  await bench.notebook(
    t,
    [{ source: "x = 1" }, { type: "markdown", source: "# hi" }],
    async (page) => {
      const client = await page.page.context().newCDPSession(page.page);
      await client.send("Network.enable");
      await client.send("Network.setCacheDisabled", { cacheDisabled: true });
      const workers = new Set<string>();
      let bytes = 0;
      client.on("Network.requestWillBeSent", ({ requestId, request }) => {
        if (/worker/i.test(request.url)) {
          workers.add(requestId);
        }
      });
      client.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
        bytes += workers.has(requestId) ? 0 : encodedDataLength;
      });
      await page.page.reload();
      await page.idle();
      await page.cell(0).locator(".has-editor").waitFor();
      t.diagnostic(`${bytes} bytes`);
      assert.ok(bytes > 100_000 && bytes <= FIRST_LOAD_BYTES, `${bytes} bytes`);
    },
  );
});

function nodes(page: Page): Promise<number> {
  return page.evaluate(() => document.querySelectorAll(".notebook *").length);
}

function thousand(): { source: string }[] {
  return Array.from({ length: 1000 }, (_, n) => ({
    source: `def f${n}(x):\n    total = x + ${n}\n    return total\n\nf${n}(${n})`,
  }));
}

test("a thousand cells are as many nodes as three screens of them", async (t) => {
  await bench.notebook(t, thousand(), async (page) => {
    await page.cell(5).locator(".has-editor").waitFor();
    // a screen: the nodes of as many cells as fit into the window, by what one of them has
    const screen = await page.page.evaluate(() => {
      const height = document.querySelector(".notebook")?.clientHeight ?? 0;
      const cell = document.querySelector(".cell-place[data-index='3']");
      const own = cell?.querySelectorAll("*").length ?? 0;
      return Math.ceil(height / (cell?.clientHeight ?? 1)) * own;
    });
    const scroller = page.page.locator(".notebook");
    for (const part of [0.2, 0.5, 0.9, 1]) {
      await scroller.evaluate(
        (element, to) => element.scrollTo(0, element.scrollHeight * to),
        part,
      );
      await page.page.waitForFunction(
        () => document.querySelectorAll(".cell-code .cell-editor:not(.has-editor)").length === 0,
      );
      const count = await nodes(page.page);
      t.diagnostic(`${count} nodes, a screen is ${screen}`);
      assert.ok(count <= THREE_SCREENS * screen, `${count} nodes, a screen is ${screen}`);
    }
    await page.cell(999).waitFor();
  });
});

/** Scrolls step by step; how many editors were put in at most in one frame, and in all. */
function scrollThrough(page: Page): Promise<{ most: number; all: number }> {
  return page.evaluate(async () => {
    const found = { most: 0, all: 0 };
    let now = 0;
    const observer = new MutationObserver((changes) => {
      const added = changes.filter(({ target }) =>
        target instanceof Element ? target.classList.contains("has-editor") : false,
      );
      now += added.length;
      found.all += added.length;
      found.most = Math.max(found.most, now);
    });
    const scroller = document.querySelector(".notebook");
    if (scroller !== null) {
      observer.observe(scroller, { subtree: true, attributes: true, attributeFilter: ["class"] });
    }
    for (let step = 0; step < 120; step++) {
      scroller?.scrollBy(0, 150);
      now = 0;
      await new Promise(requestAnimationFrame);
    }
    return found;
  });
}

test("scrolling puts in one editor a frame: the rest of a task is small", async (t) => {
  await bench.notebook(t, thousand(), async (page) => {
    await page.cell(5).locator(".has-editor").waitFor();
    const { most, all } = await scrollThrough(page.page);
    t.diagnostic(`${all} editors, at most ${most} a frame`);
    assert.ok(all > 10);
    assert.ok(most <= 2, `${most} editors in one frame`); // two callbacks may share one
  });
});

test("a hundred thousand printed lines arrive whole and are few nodes", async (t) => {
  const source = "for n in range(100_000): print('line', n)";
  await bench.notebook(t, [{ source }], async (page) => {
    await page.run(0);
    await page.ran(0);
    await page.output(0).filter({ hasText: "line 99999" }).waitFor();
    await page.page.locator(".fold", { hasText: "Show all 100,000 lines" }).click();
    const window = page.page.locator(".text-window");
    await window.evaluate((element) => element.scrollTo(0, 18 * 70_000));
    await window.filter({ hasText: "line 70000" }).waitFor();
    assert.ok((await window.locator(".text-line").count()) < 80);
  });
});
