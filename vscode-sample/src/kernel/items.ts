// SPDX-License-Identifier: BSD-3-Clause
// Representations of an output as VS Code takes them.

import * as vscode from "vscode";

import type { Item } from "./outputs.js";

/** The items of one output. */
export function shown(items: readonly Item[]): vscode.NotebookCellOutputItem[] {
  return items.map(({ mime, data }) =>
    typeof data === "string"
      ? vscode.NotebookCellOutputItem.text(data, mime)
      : new vscode.NotebookCellOutputItem(data, mime),
  );
}
