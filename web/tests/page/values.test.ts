// SPDX-License-Identifier: BSD-3-Clause
// Values at a stop: trees, watch, console, sources, tables, memory.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Bench } from "../support/page.ts";

const bench = new Bench();
after(() => bench.close());

const FUNCTION =
  "def double(n):\n    twice = n * 2\n    return twice\n\nfor i in range(3):\n    print(double(i))";

test("values open, are set in place, and are watched", async (t) => {
  const source =
    "class P:\n    def __init__(self):\n        self.x = 1\n    @property\n    def lazy(self): return 41 + self.x\ndef f(p):\n    return p.x\nf(P())";
  await bench.notebook(t, [{ source }], async (page) => {
    await page.margin(0, 7);
    await page.run(0);
    await page.stoppedAt(0, 7);
    await page.value("p").locator(".twistie").click();
    await page.value("lazy").locator("button", { hasText: "compute" }).click();
    await page.value("lazy").filter({ hasText: "42" }).waitFor();
    await page.value("x").dblclick();
    await page.page.locator(".value-field").fill("5 + 5");
    await page.key("Enter");
    await page.value("x").filter({ hasText: "10" }).waitFor();
    await page.section("Watch").locator("button", { hasText: "" }).last().click();
    await page.page.locator("[aria-label='Expression to watch']").fill("p.x * 100");
    await page.key("Enter");
    await page.section("Watch").filter({ hasText: "1000" }).waitFor();
    await page.key("F5");
    await page.ran(0);
    await page.output(0).filter({ hasText: "10" }).waitFor();
  });
});

test("a list of a million is scrolled to its end", async (t) => {
  const source = "def f():\n    big = list(range(1_000_000))\n    return len(big)\nf()";
  await bench.notebook(t, [{ source }], async (page) => {
    await page.margin(0, 3);
    await page.run(0);
    await page.stoppedAt(0, 3);
    await page.value("big").locator(".twistie").click();
    await page.value("0").waitFor();
    const tree = page.section("Variables").locator(".tree");
    await tree.evaluate((element) => element.scrollTo(0, 22 * 700_000));
    await page.value("700000").filter({ hasText: "700000" }).waitFor();
    const rows = await tree.locator(".tree-row").count();
    assert.ok(rows < 60, `${rows} rows are in the page`);
    await page.key("F5");
    await page.ran(0);
  });
});

test("the console evaluates in the frame, completes, and remembers", async (t) => {
  await bench.notebook(t, [{ source: FUNCTION }], async (page) => {
    await page.margin(0, 3);
    await page.run(0);
    await page.stoppedAt(0, 3);
    const answer = await page.console("twice + 100");
    assert.match(await answer.innerText(), /100/);
    assert.match(await (await page.console("1/0")).innerText(), /ZeroDivisionError/);
    const field = page.page.locator(".console-input textarea");
    await field.fill("twi");
    await page.key("Tab");
    await page.page.waitForFunction(
      () =>
        document.querySelector<HTMLTextAreaElement>(".console-input textarea")?.value === "twice",
    );
    await field.fill("");
    await page.key("ArrowUp");
    await page.key("ArrowUp");
    assert.equal(await field.inputValue(), "twice + 100");
    await page.margin(0, 3);
    await page.key("F5");
    await page.ran(0);
    assert.match(await (await page.console("i * 7")).innerText(), /14/);
  });
});

test("a library's source opens beside the notebook, read-only, with its lines marked", async (t) => {
  const source = "import textwrap\ntextwrap.dedent('  x')";
  await bench.notebook(t, [{ source }], async (page) => {
    await page.margin(0, 2);
    await page.run(0);
    await page.stoppedAt(0, 2);
    await page.command("console");
    await page.page.locator("[role=tab]", { hasText: "Sources" }).click();
    await page.page.locator("[aria-label='Filter sources and modules']").fill("textwrap.py");
    await page.page.locator(".sources .trace-link", { hasText: "textwrap.py" }).first().click();
    const opened = page.page.locator(".source");
    await opened.filter({ hasText: "textwrap.py" }).waitFor();
    await opened.locator(".view-lines").filter({ hasText: "Text wrapping" }).waitFor();
    await page.page.locator("[aria-label='Close the source']").click();
    await page.key("F5");
    await page.ran(0);
  });
});

test("the values of a frame show in the hover", async (t) => {
  await bench.notebook(t, [{ source: FUNCTION }], async (page) => {
    await page.margin(0, 3);
    await page.run(0);
    await page.stoppedAt(0, 3);
    await page
      .cell(0)
      .locator(".view-line", { hasText: "return" })
      .locator("span span")
      .last()
      .hover();
    await page.page
      .locator(".monaco-hover", { hasText: "twice" })
      .filter({ hasText: "int" })
      .waitFor();
    await page.margin(0, 3);
    await page.key("F5");
    await page.ran(0);
  });
});
