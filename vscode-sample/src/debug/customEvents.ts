// SPDX-License-Identifier: BSD-3-Clause
// What a debug session tells of a cell that it ran itself, inside a stop.

import type * as vscode from "vscode";

import { isCellOutput, isCellState } from "../dap/protocol.js";
import type { Runs } from "../kernel/runs.js";

/** Passes celldap/cellOutput and celldap/cellState on to the notebook's executions. */
export function hear(event: vscode.DebugSessionCustomEvent, runs: Runs): void {
  const body: unknown = event.body;
  if (event.event === "celldap/cellOutput" && isCellOutput(body)) {
    runs.output(body);
  } else if (event.event === "celldap/cellState" && isCellState(body)) {
    runs.state(body);
  }
}
