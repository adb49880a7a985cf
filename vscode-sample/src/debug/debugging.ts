// SPDX-License-Identifier: BSD-3-Clause
// One debug session of a notebook: a second client of the kernel that its cells run in. It hears of
// every cell's text before that runs; which breakpoint is where is the bridge's business.

import * as vscode from "vscode";

import { isRecord } from "../dap/protocol.js";
import { announcement, codeCells } from "../kernel/cells.js";

/** Requests whose success lets the program go on. */
const RESUMING = /^(continue|next|stepIn|stepOut|goto|restartFrame)$/;

/** A session, from its attach to its end. */
export class Debugging {
  /** Resolves when the session is attached and configured. */
  readonly attached: Promise<void>;
  readonly onDidStop: vscode.Event<void>;
  private readonly stop = new vscode.EventEmitter<void>();
  private settle: (error?: Error) => void = () => undefined;
  private readonly awaitingBreakpoints: (() => void)[] = [];
  private stops = 0;

  constructor(
    readonly session: vscode.DebugSession,
    readonly notebook: vscode.NotebookDocument,
  ) {
    this.onDidStop = this.stop.event;
    this.attached = new Promise((resolve, reject) => {
      this.settle = (error) => {
        if (error) {
          reject(error);
        } else {
          resolve();
        }
      };
    });
    this.attached.catch(() => undefined); // whoever waits hears of it
  }

  get isStopped(): boolean {
    return this.stops > 0;
  }

  /** What the adapter sent, in order. */
  heard(message: unknown): void {
    if (!isRecord(message)) {
      return;
    }
    if (message["event"] === "stopped") {
      this.stops = Math.max(1, this.stops);
      this.stop.fire();
    } else if (message["event"] === "continued") {
      this.stops = 0;
    } else if (message["type"] === "response") {
      this.answered(message);
    }
  }

  /** The session is over. */
  end(): void {
    this.settle(new Error("the debug session has ended"));
    this.stops = 0;
    this.stop.dispose();
  }

  /** Tells every cell's URI and text; the kernel has their breakpoints when it resolves. */
  async announceAll(): Promise<void> {
    await Promise.all(codeCells(this.notebook).map((c) => this.tell(c)));
    await this.barrier();
  }

  /** The same for one cell. */
  async announce(cell: vscode.NotebookCell): Promise<void> {
    await this.tell(cell);
    await this.barrier();
  }

  /** Runs a cell inside the stop. */
  async run(cell: vscode.NotebookCell): Promise<void> {
    await this.tell(cell);
    await this.session.customRequest("celldap/runCell", {
      uri: cell.document.uri.toString(),
    });
  }

  /** What runs next stops at its first line. */
  async stopAtNext(): Promise<void> {
    await this.session.customRequest("pause", { threadId: 1 });
  }

  /** Resolves when the adapter has answered the next setBreakpoints. */
  breakpointsSet(): Promise<void> {
    return new Promise((resolve) => {
      this.awaitingBreakpoints.push(resolve);
    });
  }

  private async tell(cell: vscode.NotebookCell): Promise<void> {
    await this.session.customRequest("celldap/cell", {
      ...announcement(cell),
      notebook: cell.notebook.uri.fsPath, // frames are named after it
    });
  }

  /** The debug socket answers in order: breakpoints that were sent before are set. */
  private async barrier(): Promise<void> {
    await this.session.customRequest("threads");
  }

  private answered(response: Record<string, unknown>): void {
    const command = response["command"];
    const success = response["success"] === true;
    if (command === "setBreakpoints") {
      this.awaitingBreakpoints.splice(0).forEach((resolve) => {
        resolve();
      });
    }
    if (command === "attach" || command === "launch") {
      this.settle(success ? undefined : new Error(String(response["message"])));
    } else if (success && RESUMING.test(String(command))) {
      this.stops = 0;
    }
  }
}
