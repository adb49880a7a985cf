// SPDX-License-Identifier: BSD-3-Clause
// The commands of the extension. A failure is told to the user in its own words.

import * as vscode from "vscode";

import { attachToKernel, pickKernel } from "./debug/attach.js";
import type { NotebookDebugger } from "./debug/debugger.js";
import { offerSetting } from "./debug/descriptor.js";
import { runByLine, runToCursor } from "./debug/stepping.js";
import { BinaryError } from "./binary.js";
import { codeCells } from "./kernel/cells.js";
import type { Kernels } from "./kernel/controller.js";
import { NOTEBOOK_TYPE } from "./kernel/controller.js";
import { choosePython } from "./kernel/python.js";
import { complain, log } from "./log.js";
import { viewTable } from "./view/table.js";

function activeNotebook(): vscode.NotebookDocument {
  const notebook = vscode.window.activeNotebookEditor?.notebook;
  if (notebook?.notebookType !== NOTEBOOK_TYPE) {
    throw new Error("no notebook is open in the active editor");
  }
  return notebook;
}

/** The cell whose button was pressed, else the one that is selected. */
function cellFor(argument: unknown): vscode.NotebookCell {
  if (
    typeof argument === "object" &&
    argument !== null &&
    "document" in argument &&
    "notebook" in argument
  ) {
    return argument as vscode.NotebookCell;
  }
  const selection = vscode.window.activeNotebookEditor?.selection;
  const [cell] = codeCells(activeNotebook(), selection);
  if (!cell) {
    throw new Error("no code cell is selected");
  }
  return cell;
}

async function restart(
  kernels: Kernels,
  notebooks: NotebookDebugger,
): Promise<void> {
  const notebook = activeNotebook();
  const debugged = notebooks.of(notebook) !== undefined;
  await notebooks.stop(notebook);
  await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: "celldap: restarting the kernel",
    },
    () => kernels.of(notebook).restart(),
  );
  if (debugged) {
    await notebooks.ensure(notebook);
  }
}

async function selectPython(
  context: vscode.ExtensionContext,
  kernels: Kernels,
): Promise<void> {
  const notebook = activeNotebook();
  if (await choosePython(context, notebook)) {
    await kernels.of(notebook).close();
  }
}

function register(
  id: string,
  run: (argument: unknown) => unknown,
): vscode.Disposable {
  return vscode.commands.registerCommand(id, async (argument: unknown) => {
    try {
      return await run(argument);
    } catch (error) {
      void (error instanceof BinaryError
        ? offerSetting(error)
        : complain(error));
      return undefined;
    }
  });
}

/** Registers them all. */
export function registerCommands(
  context: vscode.ExtensionContext,
  kernels: Kernels,
  notebooks: NotebookDebugger,
): vscode.Disposable[] {
  const extension = context.extensionUri;
  return [
    register("celldap.debugCell", async (argument) => {
      const cell = cellFor(argument);
      await notebooks.debug(cell.notebook, [cell]);
    }),
    register("celldap.debugNotebook", async () => {
      const notebook = activeNotebook();
      await notebooks.debug(notebook, codeCells(notebook));
    }),
    register("celldap.runByLine", (argument) =>
      runByLine(notebooks, kernels, cellFor(argument)),
    ),
    register("celldap.runToCursor", () => runToCursor(notebooks, kernels)),
    register("celldap.restartKernel", () => restart(kernels, notebooks)),
    register("celldap.selectPython", () => selectPython(context, kernels)),
    register("celldap.attachToKernel", () => attachToKernel(extension)),
    register("celldap.pickKernel", () => pickKernel(extension)),
    register("celldap.viewTable", (argument) => viewTable(argument)),
    register("celldap.showLog", () => {
      log().show();
    }),
  ];
}
