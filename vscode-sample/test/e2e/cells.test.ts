// SPDX-License-Identifier: BSD-3-Clause
// Notebook cells in a real VS Code: run, breakpoints, stops, steps, and all that is around them.

import { after, before, test } from "node:test";

import { notebook } from "./fixtures.js";
import { Session } from "./session.js";

const TWICE = "def twice(x):\n    y = 2 * x\n    return y";
const USE = "a = 20\nb = twice(a)\nprint('sum', a + b)";

let vscode: Session;

before(async () => {
  vscode = await Session.start((folder) => {
    notebook(folder, "cells.ipynb", [TWICE, USE]);
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
    await debug.stoppedAt("<module>", "2");
    await debug.variable("a", "20");
  });
  await vscode.step(t, "steps into a function of another cell", async () => {
    await debug.click("step-into");
    await debug.stoppedAt("twice", "2");
    await debug.variable("x", "20");
    await debug.click("step-over");
    await debug.variable("y", "40");
    await debug.click("step-out");
    await debug.stoppedAt("<module>", "2");
    await debug.click("continue");
    await nb.ran(1, 3);
  });
});
