// SPDX-License-Identifier: BSD-3-Clause
// What a notebook's kernel needs from the rest of the extension.

import type * as vscode from "vscode";

import type { KernelLaunch } from "./session.js";

/** A debug session that is stopped in this kernel: a cell runs inside its stop. */
export interface LiveSession {
  run(cell: vscode.NotebookCell): Promise<void>;
}

/** What a notebook's kernel needs from the rest. */
export interface KernelHost {
  /** The program and what to start; throws with words for the user. */
  prepare(
    notebook: vscode.NotebookDocument,
    wishes: Readonly<Record<string, unknown>>,
  ): Promise<{ binary: string; launch: KernelLaunch }>;
  /** Awaited before a cell runs: its debug session hears of the cell's text first. */
  beforeRun(cell: vscode.NotebookCell): Promise<void>;
  live(notebook: vscode.NotebookDocument): LiveSession | undefined;
}
