// SPDX-License-Identifier: BSD-3-Clause
// One execution of a cell: its outputs, time, number and end.

import * as vscode from "vscode";

import type { CellOutput, CellState } from "../dap/protocol.js";
import type { Displays } from "./displays.js";
import { shown } from "./items.js";
import {
  applyReturns,
  bundleItems,
  displayId,
  errorItem,
  outputMetadata,
  streamMime,
} from "./outputs.js";

interface Stream {
  readonly name: unknown;
  readonly output: vscode.NotebookCellOutput;
  text: string;
}

/** From the click to the check mark. */
export class CellRun {
  /** Whether it ended well. */
  readonly done: Promise<boolean>;
  private readonly ended = new vscode.CancellationTokenSource();
  private settle: (ok: boolean) => void = () => undefined;
  private started = false;
  private stream: Stream | undefined;
  private clearBeforeNext = false;

  constructor(
    private readonly execution: vscode.NotebookCellExecution,
    private readonly displays: Displays,
  ) {
    this.done = new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  get cell(): vscode.NotebookCell {
    return this.execution.cell;
  }

  /** Cancelled when the execution is over. */
  get token(): vscode.CancellationToken {
    return this.ended.token;
  }

  take(output: CellOutput): void {
    if (this.ended.token.isCancellationRequested) {
      return;
    }
    this.start();
    const { msgType, content } = output;
    if (msgType === "clear_output") {
      this.clear(content["wait"] === true);
    } else if (msgType === "update_display_data") {
      this.displays.update(content, this.execution);
    } else {
      this.add(msgType, content);
    }
  }

  state(state: CellState): void {
    if (state.state === "running") {
      this.start();
    } else if (state.state === "cancelled") {
      this.end(undefined);
    } else if (state.state !== "queued") {
      this.start();
      this.execution.executionOrder = state.executionCount || undefined;
      this.end(state.state === "ok");
    }
  }

  /** It did not run, or not to its end; the words are shown in the cell. */
  fail(words: string): void {
    this.start();
    this.add("error", { ename: "celldap", evalue: words, traceback: [words] });
    this.end(false);
  }

  /** It will not run. */
  cancel(): void {
    this.end(undefined);
  }

  private start(): void {
    if (!this.started) {
      this.started = true;
      this.execution.start(Date.now());
      void this.execution.clearOutput();
    }
  }

  private end(success: boolean | undefined): void {
    if (!this.ended.token.isCancellationRequested) {
      this.execution.end(success, Date.now());
      this.ended.cancel();
      this.settle(success === true);
    }
  }

  private clear(wait: boolean): void {
    this.clearBeforeNext = wait;
    if (!wait) {
      this.stream = undefined;
      void this.execution.clearOutput();
    }
  }

  private add(msgType: string, content: Readonly<Record<string, unknown>>) {
    if (this.clearBeforeNext) {
      this.clear(false);
    }
    if (msgType === "stream") {
      this.write(content);
      return;
    }
    this.stream = undefined;
    const items =
      msgType === "error" ? [errorItem(content)] : bundleItems(content["data"]);
    const output = new vscode.NotebookCellOutput(shown(items), {
      ...outputMetadata(msgType, content),
    });
    this.displays.remember(displayId(content), output, this.cell);
    void this.execution.appendOutput(output);
  }

  private write(content: Readonly<Record<string, unknown>>): void {
    const text = String(content["text"]);
    const mime = streamMime(content["name"]);
    const stream = this.stream;
    if (stream === undefined || stream.name !== content["name"]) {
      const all = applyReturns(text);
      const output = new vscode.NotebookCellOutput(
        shown([{ mime, data: all }]),
        { ...outputMetadata("stream", content) },
      );
      this.stream = { name: content["name"], output, text: all };
      void this.execution.appendOutput(output);
    } else if (/[\r\b]/.test(text) || stream.text.endsWith("\r")) {
      stream.text = applyReturns(stream.text + text);
      const items = shown([{ mime, data: stream.text }]);
      void this.execution.replaceOutputItems(items, stream.output);
    } else {
      stream.text += text;
      const items = shown([{ mime, data: text }]);
      void this.execution.appendOutputItems(items, stream.output);
    }
  }
}
