// SPDX-License-Identifier: BSD-3-Clause
// Run by Line and Run to Cursor: a cell that is run until a line, without a breakpoint of the user's.

import * as vscode from "vscode";

import { cellOf } from "../kernel/cells.js";
import type { Kernels } from "../kernel/controller.js";
import type { NotebookDebugger } from "./debugger.js";

/** Runs a cell to its first line; while it is stopped, to its next. */
export async function runByLine(
  notebooks: NotebookDebugger,
  kernels: Kernels,
  cell: vscode.NotebookCell,
): Promise<void> {
  if (notebooks.of(cell.notebook)?.isStopped === true) {
    await vscode.commands.executeCommand("workbench.action.debug.stepOver");
    return;
  }
  const debugging = await notebooks.ensure(cell.notebook);
  await debugging.stopAtNext();
  await kernels.run(cell.notebook, [cell]);
}

/** Runs the cell of the cursor, or what is stopped in it, to the cursor's line. */
export async function runToCursor(
  notebooks: NotebookDebugger,
  kernels: Kernels,
): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const cell = editor && cellOf(editor.document.uri);
  if (!cell) {
    throw new Error("the cursor is in no cell of a notebook");
  }
  const debugging = await notebooks.ensure(cell.notebook);
  if (debugging.isStopped) {
    await vscode.commands.executeCommand("editor.debug.action.runToCursor");
    return;
  }
  const place = new vscode.Location(
    editor.document.uri,
    editor.selection.active,
  );
  const breakpoint = new vscode.SourceBreakpoint(place);
  const remove = (): void => {
    vscode.debug.removeBreakpoints([breakpoint]);
  };
  const set = debugging.breakpointsSet();
  vscode.debug.addBreakpoints([breakpoint]);
  const atStop = debugging.onDidStop(remove);
  try {
    await set;
    await kernels.run(cell.notebook, [cell]);
  } finally {
    atStop.dispose();
    remove();
  }
}
