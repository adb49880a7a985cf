// SPDX-License-Identifier: BSD-3-Clause
// The executions of one notebook's cells: which run, which wait, and which fail with their kernel.

import type * as vscode from "vscode";

import type { CellOutput, CellState } from "../dap/protocol.js";
import { log, words } from "../log.js";
import type { CellRun } from "./cellRun.js";

/** Has a cell run; its outputs and states come to the runs. */
export type Send = (cell: vscode.NotebookCell) => Promise<void>;

/** All of one notebook. */
export class Runs {
  private readonly running = new Map<string, CellRun>();
  private readonly waiting = new Set<CellRun>();
  private tail: Promise<unknown> = Promise.resolve();

  /** Runs a batch in order after those before it; the first that fails is the last. */
  queue(batch: readonly CellRun[], send: Send): Promise<void> {
    batch.forEach((run) => this.waiting.add(run));
    const mine = this.tail.then(() => this.now(batch, send));
    this.tail = mine;
    return mine;
  }

  /** The same without waiting: inside a stop. */
  async now(batch: readonly CellRun[], send: Send): Promise<void> {
    let failed = false;
    for (const run of batch) {
      this.waiting.delete(run);
      if (failed) {
        run.cancel();
      } else if (!run.token.isCancellationRequested) {
        failed = !(await this.one(run, send));
      }
    }
  }

  /** An output of a cell, from whichever session ran it. */
  output(output: CellOutput): void {
    this.running.get(output.cell.uri ?? "")?.take(output);
  }

  /** A state of a cell, from whichever session ran it. */
  state(state: CellState): void {
    this.running.get(state.cell.uri ?? "")?.state(state);
  }

  /** The one that began last. */
  get latest(): CellRun | undefined {
    return [...this.running.values()].at(-1);
  }

  /** What runs ends with these words. */
  fail(why: string): void {
    for (const run of this.running.values()) {
      run.fail(why);
    }
  }

  /** What waits will not run. */
  cancelWaiting(): void {
    this.waiting.forEach((run): void => {
      run.cancel();
    });
    this.waiting.clear();
  }

  private async one(run: CellRun, send: Send): Promise<boolean> {
    const uri = run.cell.document.uri.toString();
    const around = this.running.get(uri); // the same cell, stopped
    this.running.delete(uri);
    this.running.set(uri, run);
    try {
      await send(run.cell);
    } catch (error) {
      log().error(`cell ${String(run.cell.index)}: ${words(error)}`);
      run.fail(words(error));
    }
    const ok = await run.done;
    this.running.delete(uri);
    if (around && !around.token.isCancellationRequested) {
      this.running.set(uri, around);
    }
    return ok;
  }
}
