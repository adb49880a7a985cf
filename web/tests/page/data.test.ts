// SPDX-License-Identifier: BSD-3-Clause
// Tables, memory, data breakpoints, and going elsewhere.
import { after, test } from "node:test";
import { Bench } from "../support/page.ts";

const bench = new Bench();
after(() => bench.close());

test("an array shows as a table that sorts by a column, and as bytes that can be changed", async (t) => {
  const source = [
    "import numpy as np, pandas as pd",
    "def f():",
    "    frame = pd.DataFrame({'a': [3, 1, 2], 'b': list('xyz')})",
    "    grid = np.arange(6.0).reshape(3, 2)",
    "    raw = bytearray(b'hello')",
    "    return raw",
    "f()",
  ].join("\n");
  await bench.notebook(t, [{ source }], async (page) => {
    await page.margin(0, 6);
    await page.run(0);
    await page.stoppedAt(0, 6);
    await page.value("frame").hover();
    await page.value("frame").locator("[title='Show as a table']").click();
    const rows = page.page.locator(".table-rows .table-row");
    await rows.filter({ hasText: "3" }).first().waitFor();
    await page.page.locator("[title='Sort by a']").click();
    await page.page.waitForFunction(
      () => document.querySelector(".table-rows .table-row")?.textContent === "11y",
    );
    await page.value("grid").hover();
    await page.value("grid").locator("[title='Show as a table']").click();
    await rows.filter({ hasText: "4.0" }).waitFor();
    await page.value("raw").hover();
    await page.value("raw").locator("[title='Show its memory']").click();
    await page.page.locator(".memory-text", { hasText: "hello" }).waitFor();
    await page.page.locator(".byte").first().click();
    await page.page.locator("input.byte").fill("4a");
    await page.key("Enter");
    await page.page.locator(".memory-text", { hasText: "Jello" }).waitFor();
    await page.key("F5");
    await page.output(0).filter({ hasText: "Jello" }).waitFor();
  });
});

test("the program stops when a value changes that was asked to be seen", async (t) => {
  const source = "total = 0\nmark = 1\ntotal = total + 5\nmark = 2";
  await bench.notebook(t, [{ source }], async (page) => {
    await page.margin(0, 2);
    await page.run(0);
    await page.stoppedAt(0, 2);
    await page.value("total").hover();
    await page.value("total").locator("[title='Stop when it changes']").click();
    await page.section("Breakpoints").filter({ hasText: "total" }).waitFor();
    await page.key("F5");
    await page.page.locator(".thread-state", { hasText: "data breakpoint" }).waitFor();
    await page.value("total").filter({ hasText: "5" }).waitFor();
    await page.key("F5");
    await page.ran(0);
  });
});

test("one call of a line is stepped into, a frame starts again, the program goes on elsewhere", async (t) => {
  const source = [
    "def a(): return 1",
    "def b(x): return x + 1",
    "def f():",
    "    y = b(a())",
    "    z = 1",
    "    return [z]",
    "f()",
  ].join("\n");
  await bench.notebook(t, [{ source }], async (page) => {
    await page.margin(0, 4);
    await page.run(0);
    await page.stoppedAt(0, 4);
    await page.command("stepTargets");
    await page.page.locator(".choice-list button", { hasText: /^b/ }).click();
    await page.stoppedAt(0, 2);
    await page.page.locator(".frame.selected [title='Restart this frame']").click();
    await page.page.locator(".thread-state", { hasText: /restart/i }).waitFor();
    await page.key("Shift+F11");
    await page.page.locator(".frame.selected", { hasText: "f" }).waitFor();
    await page.key("F10");
    await page.stoppedAt(0, 5);
    await page.cell(0).locator(".view-line", { hasText: "[z]" }).click();
    await page.key("Control+Shift+F10");
    await page.stoppedAt(0, 6);
    await page.key("F5");
    await page.output(0).filter({ hasText: "[None]" }).waitFor();
  });
});
