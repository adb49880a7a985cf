// SPDX-License-Identifier: BSD-3-Clause
// Notebook cells in a real VS Code: run, breakpoints, stops, steps, and all that is around them.

import { after, before, test } from "node:test";

import { notebook } from "./fixtures.js";
import { Session } from "./session.js";

const TWICE = "def twice(x):\n    y = 2 * x\n    return y";
const USE = "a = 20\nb = twice(a)\nprint('sum', a + b)";
const LOOP =
  "found = []\nfor i in range(100):\n    found.append(i)\nlen(found)";
const FAILS = "half = 1\nhalf / 0";

let vscode: Session;

before(async () => {
  vscode = await Session.start((folder) => {
    notebook(folder, "cells.ipynb", [TWICE, USE, LOOP, FAILS]);
  });
});

after(async () => {
  await vscode.stop();
});

test("a notebook is debugged in VS Code", async (t) => {
  const { notebook: nb, debug, workbench } = vscode;
  await vscode.step(t, "cells run without a debug session", async () => {
    await workbench.openFile("cells.ipynb");
    await nb.run(0);
    await nb.ran(0, 1);
    await nb.run(1);
    await nb.ran(1, 2);
    await nb.output("sum 60");
  });
  await vscode.step(t, "a breakpoint by a click in the gutter", async () => {
    await nb.breakpoint(1, 2);
  });
  await vscode.step(t, "Debug Cell stops there", async () => {
    await nb.select(1);
    await workbench.command("celldap: Debug Cell");
    await debug.stoppedAt("<module>", 2);
    await nb.stoppedIn(1);
    await debug.variable("a", "20");
  });
  await vscode.step(t, "the debug console evaluates in the stop", async () => {
    await workbench.command("Debug Console: Focus on Debug Console View");
    await debug.console("a * 1000", "20000");
  });
  await workbench.command("View: Toggle Panel Visibility");
  await vscode.step(t, "steps into a function of another cell", async () => {
    await debug.click("step-into");
    await debug.stoppedAt("twice", 2);
    await nb.stoppedIn(0);
    await debug.variable("x", "20");
    await debug.click("step-over");
    await debug.variable("y", "40");
    await debug.click("step-out");
    await debug.stoppedAt("<module>", 2);
    await debug.click("continue");
    await nb.ran(1, 3);
  });
  await vscode.step(t, "a conditional breakpoint while debugging", async () => {
    await nb.condition(2, 3, "i == 42");
    await nb.run(2);
    await debug.stoppedAt("<module>", 3);
    await debug.variable("i", "42");
    await debug.click("continue");
    await nb.ran(2, 4);
  });
  await vscode.step(t, "an exception stops in its cell", async () => {
    await nb.run(3);
    await debug.stoppedAt("<module>", 2);
    await nb.stoppedIn(3);
    await workbench.page
      .locator(".exception-widget", { hasText: "ZeroDivisionError" })
      .waitFor();
  });
  await vscode.step(
    t,
    "disconnect lets the cell go on to its error",
    async () => {
      await debug.click("disconnect");
      await debug.ended();
      await nb.ran(3, 5);
      await nb.clear(1);
      await nb.run(1);
      await nb.ran(1, 6);
    },
  );
  await vscode.step(t, "Run by Line needs no breakpoint", async () => {
    await nb.tool(1, "debug-line-by-line");
    await debug.stoppedAt("<module>", 1);
    await nb.tool(1, "debug-line-by-line");
    await debug.stoppedAt("<module>", 2);
    await nb.tool(1, "debug-line-by-line");
    await debug.stoppedAt("<module>", 3);
    await workbench.picture("run-by-line");
    await nb.tool(1, "debug-line-by-line");
    await nb.ran(1, 7);
  });
  await vscode.step(t, "restart brings a new kernel", async () => {
    await workbench.command("celldap: Restart Kernel");
    await workbench.page.locator(".debug-toolbar").waitFor();
    await nb.run(0);
    await nb.ran(0, 1);
  });
});
