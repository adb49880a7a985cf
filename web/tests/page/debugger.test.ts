// SPDX-License-Identifier: BSD-3-Clause
// The debugger: breakpoints, steps, values, console.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Bench } from "../support/page.ts";

const bench = new Bench();
after(() => bench.close());

const FUNCTION =
  "def double(n):\n    twice = n * 2\n    return twice\n\nfor i in range(3):\n    print(double(i))";

test("a click in the margin stops the cell there, and the keys step from it", async (t) => {
  await bench.notebook(t, [{ source: FUNCTION }], async (page) => {
    await page.margin(0, 2);
    await page.dots(0).waitFor();
    await page.run(0);
    await page.stoppedAt(0, 2);
    await page.value("n").filter({ hasText: "0" }).waitFor();
    await page.key("F10");
    await page.stoppedAt(0, 3);
    await page.value("twice").filter({ hasText: "0" }).waitFor();
    await page.cell(0).locator(".inline-value", { hasText: "twice = 0" }).first().waitFor();
    await page.key("Shift+F11");
    await page.stoppedAt(0, 6);
    await page.key("F5");
    await page.stoppedAt(0, 2);
    await page.margin(0, 2);
    await page.dots(0).waitFor({ state: "detached" });
    await page.key("F5");
    await page.ran(0);
    assert.equal((await page.output(0).innerText()).trim(), "0\n2\n4");
    await page.section("Call stack").filter({ hasText: "Not stopped" }).waitFor();
  });
});

test("F9 sets one at the cursor, F11 goes into a function of another cell", async (t) => {
  const cells = [{ source: "def f(x):\n    return x + 1" }, { source: "a = 1\nb = f(a)" }];
  await bench.notebook(t, cells, async (page) => {
    await page.run(0);
    await page.ran(0);
    await page.edit(1);
    await page.key("Control+End");
    await page.key("F9");
    await page.dots(1).waitFor();
    await page.key("Control+Enter");
    await page.stoppedAt(1, 2);
    await page.key("F11");
    await page.stoppedAt(0, 2);
    await page.page.locator(".frame", { hasText: "cell 2:2" }).click();
    await page.cell(1).locator(".line-caller").waitFor();
    await page.value("b").waitFor({ state: "detached" });
    await page.key("F5");
    await page.ran(1);
  });
});

test("conditions, hit counts and log messages are given in the form", async (t) => {
  const source = "total = 0\nfor i in range(10):\n    total += i\nprint(total)";
  await bench.notebook(t, [{ source }], async (page) => {
    await page.margin(0, 3, "right");
    await page.page.locator("input[name=condition]").fill("i == 4");
    await page.page.locator("dialog button", { hasText: "Set" }).click();
    await page.cell(0).locator(".dot-conditional").waitFor();
    await page.run(0);
    await page.stoppedAt(0, 3);
    await page.cell(0).locator(".inline-value", { hasText: "i = 4" }).first().waitFor();
    await page.margin(0, 3, "right");
    await page.page.locator("input[name=condition]").fill("");
    await page.page.locator("input[name=logMessage]").fill("i is {i}");
    await page.page.locator("dialog button", { hasText: "Set" }).click();
    await page.cell(0).locator(".dot-logpoint").waitFor();
    await page.command("console");
    await page.key("F5");
    await page.ran(0);
    await page.page.locator(".console-entries", { hasText: "i is 9" }).waitFor();
    await page.margin(0, 3, "right");
    await page.page.locator("input[name=logMessage]").fill("");
    await page.page.locator("input[name=hitCondition]").fill(">= 8");
    await page.page.locator("dialog button", { hasText: "Set" }).click();
    await page.run(0);
    await page.stoppedAt(0, 3);
    await page.cell(0).locator(".inline-value", { hasText: "i = 7" }).first().waitFor();
    await page.section("Breakpoints").locator(".breakpoint input[type=checkbox]").last().uncheck();
    await page.key("F5");
    await page.ran(0);
  });
});

test("a breakpoint follows its line while text is typed above it", async (t) => {
  await bench.notebook(t, [{ source: "a = 1\nb = 2" }], async (page) => {
    await page.margin(0, 2);
    await page.edit(0);
    await page.key("Control+Home");
    await page.page.keyboard.type("first = 0\n");
    await page.section("Breakpoints").filter({ hasText: "cell 1, line 3" }).waitFor();
    await page.key("Control+Enter");
    await page.stoppedAt(0, 3);
    await page.key("F5");
    await page.ran(0);
  });
});

test("an uncaught exception stops with its words, its filter can be taken off", async (t) => {
  await bench.notebook(t, [{ source: "d = {}\nd['missing']" }], async (page) => {
    await page.run(0);
    await page.stoppedAt(0, 2);
    await page.page.locator(".notice", { hasText: "KeyError" }).waitFor();
    await page.key("F5");
    await page.ran(0, "error");
    await page.page
      .locator("label", { hasText: /^Uncaught/ })
      .locator("input")
      .uncheck();
    await page.run(0);
    await page.cell(0).locator(".run-count", { hasText: "[2]" }).waitFor();
    await page.ran(0, "error");
  });
});

test("Shift+F9 stops at the column, F6 stops what runs", async (t) => {
  const source = "def f(x): return x + 1\ny = f(1) + f(2)\nwhile y:\n    pass";
  await bench.notebook(t, [{ source }], async (page) => {
    await page.edit(0);
    await page.key("Control+Home");
    for (let n = 0; n < 10; n++) {
      await page.key("ArrowRight"); // before the body of f, on the line of its def
    }
    await page.key("Shift+F9");
    await page.cell(0).locator(".inline-dot").waitFor();
    await page.key("Control+Enter");
    await page.page.locator(".kernel-stopped").waitFor();
    await page.value("x").filter({ hasText: "1" }).waitFor();
    await page.page.locator("[title='Remove all breakpoints']").click();
    await page.cell(0).locator(".inline-dot").waitFor({ state: "detached" });
    await page.key("F5");
    await page.page.locator(".kernel-busy").waitFor();
    await page.key("F6");
    await page.page.locator(".thread-state", { hasText: /pause/i }).waitFor();
    await page.key("Shift+F5");
    await page.ran(0, "error");
  });
});
