// SPDX-License-Identifier: BSD-3-Clause
// Outputs with a display_id, of any cell: what a later cell puts in their place.

import * as vscode from "vscode";

import { shown } from "./items.js";
import { bundleItems, displayId, outputMetadata } from "./outputs.js";

interface Shown {
  readonly output: vscode.NotebookCellOutput;
  readonly cell: vscode.NotebookCell;
}

/** The displays of one notebook. */
export class Displays {
  private readonly byId = new Map<string, Shown[]>();

  constructor(private readonly controller: vscode.NotebookController) {}

  remember(
    id: string | undefined,
    output: vscode.NotebookCellOutput,
    cell: vscode.NotebookCell,
  ): void {
    if (id !== undefined) {
      this.byId.set(id, [...this.listed(id), { output, cell }]);
    }
  }

  /** A new kernel knows none. */
  clear(): void {
    this.byId.clear();
  }

  update(
    content: Readonly<Record<string, unknown>>,
    running: vscode.NotebookCellExecution,
  ): void {
    const items = shown(bundleItems(content["data"]));
    for (const { output, cell } of this.listed(displayId(content) ?? "")) {
      output.metadata = {
        ...outputMetadata("display_data", content),
      };
      if (cell === running.cell) {
        void running.replaceOutputItems(items, output);
      } else {
        this.updateElsewhere(cell, output, items);
      }
    }
  }

  private listed(id: string): Shown[] {
    const alive = ({ cell }: Shown): boolean =>
      cell.notebook.isClosed ? false : cell.index >= 0;
    return (this.byId.get(id) ?? []).filter(alive);
  }

  /** Outputs can be changed only in an execution: one that keeps the cell's number, time and mark. */
  private updateElsewhere(
    cell: vscode.NotebookCell,
    output: vscode.NotebookCellOutput,
    items: vscode.NotebookCellOutputItem[],
  ): void {
    const before = cell.executionSummary;
    const execution = this.controller.createNotebookCellExecution(cell);
    execution.executionOrder = before?.executionOrder;
    execution.start(before?.timing?.startTime);
    execution.replaceOutputItems(items, output).then(
      () => {
        execution.end(before?.success, before?.timing?.endTime);
      },
      () => {
        execution.end(before?.success, before?.timing?.endTime);
      },
    );
  }
}
