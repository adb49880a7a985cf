// SPDX-License-Identifier: BSD-3-Clause
// The bridge on stdio as a Transport, for node tests: the same DapClient as in the browser.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { MessageQueue, type Transport } from "../../src/protocol/transport.ts";

const HEADER = /^Content-Length: (\d+)\r\n\r\n/;

export class StdioTransport implements Transport {
  readonly messages = new MessageQueue();
  readonly exited: Promise<number | null>;
  private readonly child: ChildProcessWithoutNullStreams;
  private rest = Buffer.alloc(0);

  constructor(program: string) {
    this.child = spawn(program, [], { stdio: "pipe" });
    this.exited = new Promise((resolve) => this.child.on("exit", resolve));
    this.child.stdout.on("data", (bytes: Buffer) => this.take(bytes));
    this.child.stdout.on("end", () => this.messages.end());
  }

  send(message: DebugProtocol.ProtocolMessage): void {
    const body = JSON.stringify(message);
    this.child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  close(): void {
    this.child.stdin.end();
  }

  private take(bytes: Buffer): void {
    this.rest = Buffer.concat([this.rest, bytes]);
    for (;;) {
      const header = HEADER.exec(this.rest.subarray(0, 64).toString("latin1"));
      const begin = header?.[0].length ?? 0;
      const length = Number(header?.[1]);
      if (header === null || this.rest.length < begin + length) {
        return;
      }
      this.messages.push(JSON.parse(this.rest.subarray(begin, begin + length).toString("utf8")));
      this.rest = this.rest.subarray(begin + length);
    }
  }
}
