// SPDX-License-Identifier: BSD-3-Clause
// What a DapClient needs of a connection. One implementation here (websocket.ts); the node tests
// have one over the bridge's stdio.
import type { DebugProtocol } from "@vscode/debugprotocol";

/** Carries whole DAP messages both ways. */
export interface Transport {
  send(message: DebugProtocol.ProtocolMessage): void;
  /** Ends when the connection is closed, by whomever. */
  readonly messages: AsyncIterable<unknown>;
  close(): void;
}

/** A queue that one side fills and the other awaits; the messages of a transport. */
export class MessageQueue implements AsyncIterable<unknown> {
  private readonly waiting: unknown[] = [];
  private wake: (() => void) | undefined;
  private ended = false;

  push(message: unknown): void {
    this.waiting.push(message);
    this.wake?.();
  }

  end(): void {
    this.ended = true;
    this.wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<unknown> {
    for (;;) {
      while (this.waiting.length > 0) {
        yield this.waiting.shift();
      }
      if (this.ended) {
        return;
      }
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}
