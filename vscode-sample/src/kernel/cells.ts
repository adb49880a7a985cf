// SPDX-License-Identifier: BSD-3-Clause
// How a notebook's cells are named to the bridge. Which line of which text is meant is its business.

import * as vscode from "vscode";

import type { CellAnnouncement } from "../dap/protocol.js";
import { isRecord } from "../dap/protocol.js";

/** The id that a cell was first named with: both sessions of a kernel must use the same. */
const ids = new WeakMap<vscode.NotebookCell, string>();

function nbformatId(cell: vscode.NotebookCell): string | undefined {
  const metadata: unknown = cell.metadata;
  const id = isRecord(metadata) ? metadata["id"] : undefined;
  return typeof id === "string" && id !== "" ? id : undefined;
}

/** A cell's nbformat id; one that has none, or shares it, is known by its URI's fragment. */
function idOf(cell: vscode.NotebookCell): string {
  let id = ids.get(cell);
  if (id === undefined) {
    const own = nbformatId(cell);
    const first = cell.notebook
      .getCells()
      .find((other) => nbformatId(other) === own);
    id = own !== undefined && first === cell ? own : cell.document.uri.fragment;
    ids.set(cell, id);
  }
  return id;
}

/** celldap/cell's arguments. */
export function announcement(cell: vscode.NotebookCell): CellAnnouncement {
  return {
    uri: cell.document.uri.toString(),
    index: cell.index,
    id: idOf(cell),
    code: cell.document.getText(),
  };
}

/** The code cells of a notebook, or of a part of it. */
export function codeCells(
  notebook: vscode.NotebookDocument,
  range?: vscode.NotebookRange,
): vscode.NotebookCell[] {
  return notebook
    .getCells(range)
    .filter((cell) => cell.kind === vscode.NotebookCellKind.Code);
}

/** The cell that a text document is, if it is one of an open notebook's. */
export function cellOf(uri: vscode.Uri): vscode.NotebookCell | undefined {
  const key = uri.toString();
  for (const notebook of vscode.workspace.notebookDocuments) {
    const cell = notebook
      .getCells()
      .find((candidate) => candidate.document.uri.toString() === key);
    if (cell) {
      return cell;
    }
  }
  return undefined;
}
