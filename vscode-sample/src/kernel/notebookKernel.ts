// SPDX-License-Identifier: BSD-3-Clause
// The kernel of one notebook: started when first needed, cells in order, interrupt, restart, input()
// boxes, and what happens when it dies.

import type * as vscode from "vscode";

import type { InputWaits } from "../dap/protocol.js";
import { complain, log } from "../log.js";
import { CellRun } from "./cellRun.js";
import { announcement } from "./cells.js";
import { Displays } from "./displays.js";
import type { KernelHost } from "./host.js";
import { askInput } from "./inputBox.js";
import { Runs } from "./runs.js";
import { KernelSession } from "./session.js";
import type { KernelListener } from "./session.js";

/** One notebook's kernel, or the lack of it. */
export class NotebookKernel {
  /** Its cells that run or wait. */
  readonly runs = new Runs();
  private session: Promise<KernelSession> | undefined;
  private wishes: Readonly<Record<string, unknown>> = {};
  private readonly displays: Displays;

  constructor(
    public notebook: vscode.NotebookDocument,
    private readonly controller: vscode.NotebookController,
    private readonly host: KernelHost,
  ) {
    this.displays = new Displays(controller);
  }

  /** What a launch configuration says about a kernel that is not started yet. */
  wish(config: Readonly<Record<string, unknown>>): void {
    this.wishes = config;
  }

  /** Starts the kernel if there is none. */
  ready(): Promise<KernelSession> {
    this.session ??= this.start();
    return this.session;
  }

  /** Runs cells in order; while the program is stopped, inside the stop. */
  execute(cells: readonly vscode.NotebookCell[]): Promise<void> {
    const batch = cells.map((cell) => {
      const execution = this.controller.createNotebookCellExecution(cell);
      return new CellRun(execution, this.displays);
    });
    const live = this.host.live(this.notebook);
    return live
      ? this.runs.now(batch, (cell) => live.run(cell))
      : this.runs.queue(batch, async (cell) => {
          const session = await this.ready();
          await this.host.beforeRun(cell);
          await session.run(announcement(cell));
        });
  }

  /** KeyboardInterrupt in what runs; what waits is not run. */
  async interrupt(): Promise<void> {
    this.runs.cancelWaiting();
    await (await this.session)?.interrupt();
  }

  /** A new kernel in the place of the old; without one there is nothing to do. */
  async restart(): Promise<void> {
    this.runs.cancelWaiting();
    this.displays.clear();
    await (await this.session)?.restart();
  }

  async close(): Promise<void> {
    this.runs.cancelWaiting();
    const session = this.session;
    this.session = undefined;
    const open = await session?.catch(() => undefined);
    await open?.close();
    this.runs.fail("the kernel was shut down");
  }

  private start(): Promise<KernelSession> {
    const started = this.open({
      output: (output) => {
        this.runs.output(output);
      },
      state: (state) => {
        this.runs.state(state);
      },
      input: (waits) => {
        void this.ask(waits);
      },
      said: (text) => {
        log().info(text.trimEnd());
      },
      ended: (why) => {
        if (this.session === started) {
          this.lost(why);
        }
      },
    });
    started.catch(() => {
      this.session = this.session === started ? undefined : this.session;
    });
    return started;
  }

  private async open(listener: KernelListener): Promise<KernelSession> {
    const { notebook, wishes } = this;
    const { binary, launch } = await this.host.prepare(notebook, wishes);
    log().info(`starting a kernel for ${launch.program} by ${binary}`);
    return KernelSession.start(binary, launch, listener);
  }

  /** The kernel ended, and nobody asked for that. */
  private lost(why: string): void {
    this.session = undefined;
    this.displays.clear();
    this.runs.cancelWaiting();
    this.runs.fail(why);
    void complain(`${why}. The next cell that is run starts a new kernel.`);
  }

  private async ask(waits: InputWaits): Promise<void> {
    const run = this.runs.latest;
    const session = await this.session;
    if (run && session) {
      await askInput(waits, session, run.token);
    }
  }
}
