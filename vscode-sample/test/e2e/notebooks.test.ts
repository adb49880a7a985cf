// SPDX-License-Identifier: BSD-3-Clause
// Kernels of several notebooks in a real VS Code: side by side, asked for input, updated, interrupted,
// dead, inside a stop, and gone with their editor.

import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { PYTHON } from "../places.js";
import { notebook } from "./fixtures.js";
import { Session } from "./session.js";

const DISPLAY =
  "from IPython.display import display\nshown = display('first', display_id=True)";
const FRAME =
  "import pandas\nframe = pandas.DataFrame({'kind': ['Adelie', 'Gentoo'], 'mass': [3700, 5076]})\ncount = len(frame)\nprint('count', count)";

let vscode: Session;

before(async () => {
  vscode = await Session.start((folder) => {
    notebook(folder, "one.ipynb", [
      "n = 1\nprint('one is', n)",
      "name = input('name? ')\nprint('hello', name)",
      DISPLAY,
      "shown.update('second')",
    ]);
    notebook(folder, "two.ipynb", ["n = 1\nprint('one is', n)", FRAME]);
    notebook(folder, "three.ipynb", [
      "print('spins')\nwhile True:\n    pass",
      "import os\nos.abort()",
      "print('alive again')",
    ]);
  });
});

after(async () => {
  await vscode.stop();
});

test("notebooks have kernels of their own", async (t) => {
  const { notebook: nb, debug, workbench } = vscode;
  const { page } = workbench;
  await vscode.step(t, "one is stopped, another runs", async () => {
    await workbench.openFile("two.ipynb");
    await nb.breakpoint(0, 2);
    await nb.select(0);
    await workbench.command("celldap: Debug Cell");
    await debug.stoppedAt("<module>", 2);
    await workbench.openEditor("one.ipynb");
    await nb.run(0);
    await nb.ran(0, 1);
    await debug.stoppedAt("<module>", 2);
  });
  await vscode.step(t, "input() asks in a box", async () => {
    await nb.run(1);
    const box = page.locator(".quick-input-widget", { hasText: "name?" });
    await box.waitFor();
    await page.keyboard.insertText("Ada");
    await page.keyboard.press("Enter");
    await nb.ran(1, 2);
    await nb.output("hello Ada");
  });
  await vscode.step(t, "a display of another cell is updated", async () => {
    await nb.run(2);
    await nb.output("'first'");
    await nb.run(3);
    await nb.output("'second'");
  });
  await vscode.step(t, "a cell runs inside the stop of another", async () => {
    await workbench.tab("two.ipynb").click();
    await nb.stoppedIn(0);
    await nb.run(1);
    await nb.output("count 2");
  });
  await vscode.step(t, "a DataFrame is shown as a table", async () => {
    await debug.showLocals();
    const row = page.locator(".debug-variables .expression", {
      hasText: "frame",
    });
    await row.first().click({ button: "right" });
    await page
      .locator(".monaco-menu .action-label", { hasText: "View as Table" })
      .hover();
    await page.keyboard.press("Enter");
    await workbench.tab("frame").waitFor();
    await page
      .locator("iframe.webview.ready")
      .last()
      .contentFrame()
      .frameLocator("iframe#active-frame")
      .locator("td", { hasText: "Gentoo" })
      .waitFor();
  });
  await vscode.step(t, "closing while stopped ends the session", async () => {
    await workbench.closeEditor("frame");
    await workbench.closeEditor("two.ipynb");
    await debug.ended();
  });
});

test("a kernel that spins or dies comes back", async (t) => {
  const { notebook: nb, workbench } = vscode;
  await vscode.step(t, "interrupt", async () => {
    await workbench.openEditor("three.ipynb");
    await nb.run(0);
    await nb.output("spins");
    await workbench.command("Notebook: Interrupt");
    await nb.ran(0, 1);
    await nb.output("KeyboardInterrupt");
  });
  await vscode.step(
    t,
    "death is told, the next cell has a new kernel",
    async () => {
      await nb.run(1);
      await workbench.notification("killed by signal").waitFor();
      await nb.run(2);
      await nb.ran(2, 1);
      await nb.output("alive again");
    },
  );
  await vscode.step(t, "a renamed notebook keeps its kernel", async () => {
    await workbench.command("File: Save");
    await workbench.command("File: Reveal Active File in Explorer View");
    await workbench.page
      .locator(".explorer-folders-view .monaco-list-row.selected", {
        hasText: "three.ipynb",
      })
      .click();
    await workbench.page.keyboard.press("F2");
    const box = workbench.page.locator(".explorer-item-edited input");
    await box.fill("renamed.ipynb");
    await box.press("Enter");
    await workbench.tab("renamed.ipynb").waitFor();
    await nb.select(2);
    await nb.run(2);
    await nb.ran(2, 2);
  });
  await vscode.step(t, "a Python is chosen for the notebook", async () => {
    const environment = join(vscode.server.folder, ".venv/bin");
    mkdirSync(environment, { recursive: true });
    symlinkSync(PYTHON, join(environment, "python"));
    await workbench.command("celldap: Select Python of the Notebook");
    await workbench.pick(".venv");
    await nb.run(2);
    await nb.ran(2, 1);
  });
});
