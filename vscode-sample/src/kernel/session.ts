// SPDX-License-Identifier: BSD-3-Clause
// A kernel with a DAP session of its own, the runner: it runs cells and tells what they put out. It
// debugs nothing; a debug session is a second client of the same kernel, by its connection file.

import { spawn } from "node:child_process";
import { once } from "node:events";

import { DapClient } from "../dap/client.js";
import { ProcessTransport } from "../dap/framing.js";
import {
  connectionFileOf,
  DECLARATION,
  isCellOutput,
  isCellState,
  isInputWaits,
  isRecord,
} from "../dap/protocol.js";
import type {
  CellAnnouncement,
  CellOutput,
  CellState,
  InputWaits,
} from "../dap/protocol.js";

/** What a kernel is started with. */
export interface KernelLaunch {
  /** A notebook file; its cells are not run. */
  readonly program: string;
  readonly cwd: string;
  /** python, kernel, env and args, as launch takes them. */
  readonly [option: string]: unknown;
}

/** Who hears of what the kernel does. */
export interface KernelListener {
  output(output: CellOutput): void;
  state(state: CellState): void;
  input(waits: InputWaits): void;
  /** Words for the log, or, where important, for the user. */
  said(text: string, important: boolean): void;
  /** It is over, whoever ended it; told once. */
  ended(why: string): void;
}

/** One kernel, from start to end. */
export class KernelSession {
  private connection = "";
  private over = false;
  private closing = false;
  private lastImportant = "";
  private readonly client: DapClient;

  private constructor(
    private readonly child: ReturnType<typeof spawn>,
    transport: ProcessTransport,
    private readonly listener: KernelListener,
  ) {
    this.client = new DapClient(
      transport,
      (name, body) => {
        this.event(name, body);
      },
      (why) => {
        this.end(transport.lastWords.trim() || why);
      },
    );
  }

  /** Resolves when the kernel can run cells. */
  static async start(
    binary: string,
    launch: KernelLaunch,
    listener: KernelListener,
  ): Promise<KernelSession> {
    const child = spawn(binary, ["--stdio"], { stdio: "pipe" });
    await once(child, "spawn"); // rejects where there is no such program
    const session = new KernelSession(
      child,
      new ProcessTransport(child),
      listener,
    );
    await session.client.request("initialize", {
      adapterID: "celldap",
      clientID: "celldap-notebook",
      linesStartAt1: true,
      columnsStartAt1: true,
      pathFormat: "path",
      supportsANSIStyling: true,
    });
    const launched = session.client.request("launch", {
      ...launch,
      cells: [],
      noDebug: true,
      celldap: DECLARATION,
    });
    const configured = session.client.request("configurationDone", undefined);
    await Promise.all([launched, configured]);
    return session;
  }

  /** What another session attaches to. */
  get connectionFile(): string {
    return this.connection;
  }

  /** Runs a cell with its text now, after those that wait. */
  async run(cell: CellAnnouncement): Promise<void> {
    await this.client.request("celldap/cell", cell);
    await this.client.request("celldap/runCell", { uri: cell.uri });
  }

  /** KeyboardInterrupt in what runs or is stopped. */
  async interrupt(): Promise<void> {
    await this.client.request("celldap/interrupt", undefined);
  }

  /** Resolves when the new kernel is ready. */
  async restart(): Promise<void> {
    await this.client.request("celldap/restartKernel", undefined);
  }

  /** Answers the input() that waits. */
  async answer(value: string): Promise<void> {
    await this.client.request("celldap/input", { value });
  }

  /** Ends the kernel; the adapter ends by itself when its input does. */
  async close(): Promise<void> {
    if (this.over) {
      return;
    }
    this.closing = true;
    await this.client
      .request("disconnect", { terminateDebuggee: true })
      .catch(() => undefined);
    this.child.stdin?.end();
  }

  private event(name: string, body: unknown): void {
    if (name === "celldap/cellOutput" && isCellOutput(body)) {
      this.listener.output(body);
    } else if (name === "celldap/cellState" && isCellState(body)) {
      this.listener.state(body);
    } else if (name === "celldap/input" && isInputWaits(body)) {
      this.listener.input(body);
    } else if (name === "process") {
      this.connection = connectionFileOf(body) ?? "";
    } else if (name === "output" && isRecord(body)) {
      this.said(String(body["output"]), body["category"]);
    } else if (name === "terminated") {
      this.end(this.lastImportant || "the kernel has ended");
      this.child.stdin?.end();
    }
  }

  private said(text: string, category: unknown): void {
    if (category === "important") {
      this.lastImportant = text.replace(/^celldap: /, "").trim();
    }
    this.listener.said(text, category === "important");
  }

  private end(why: string): void {
    if (!this.over) {
      this.over = true;
      this.listener.ended(this.closing ? "" : why);
    }
  }
}
