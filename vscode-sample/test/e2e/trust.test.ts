// SPDX-License-Identifier: BSD-3-Clause
// A workspace that is not trusted, in a real VS Code: nothing runs, and the user is told why.

import { after, before, test } from "node:test";

import { notebook } from "./fixtures.js";
import { Session } from "./session.js";

let vscode: Session;

before(async () => {
  const settings = {
    "security.workspace.trust.enabled": true,
    "security.workspace.trust.startupPrompt": "never",
    "security.workspace.trust.banner": "never",
  };
  const write = (folder: string): void => {
    notebook(folder, "foreign.ipynb", ["print('ran' + ' it')"]);
  };
  vscode = await Session.start(write, settings);
});

after(async () => {
  await vscode.stop();
});

test("an untrusted workspace runs no cells until it is trusted", async (t) => {
  const { notebook: nb, workbench } = vscode;
  const { page } = workbench;
  const dialog = page.locator(".monaco-dialog-box");
  await vscode.step(t, "a cell is not run", async () => {
    await workbench.openFile("foreign.ipynb");
    await nb.run(0);
    await dialog.filter({ hasText: "trust" }).waitFor();
    await dialog.locator(".monaco-button", { hasText: "Cancel" }).click();
    await nb
      .cell(0)
      .locator(".execution-count-label", { hasText: "[ ]" })
      .waitFor();
  });
  await vscode.step(t, "once it is trusted it is run", async () => {
    await nb.run(0);
    await dialog
      .locator(".monaco-button", { hasText: "Trust" })
      .first()
      .click();
    await nb.ran(0, 1);
    await nb.output("ran it");
  });
});
