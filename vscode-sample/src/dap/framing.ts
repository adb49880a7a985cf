// SPDX-License-Identifier: BSD-3-Clause
// DAP's framing (Content-Length, a blank line, JSON) over the pipes of a child process.

import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { StringDecoder } from "node:string_decoder";

import type { Transport } from "./client.js";

const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** The bytes of one message. */
export function encode(message: object): Buffer {
  const body = Buffer.from(JSON.stringify(message), "utf8");
  return Buffer.concat([
    Buffer.from(`Content-Length: ${String(body.length)}\r\n\r\n`, "ascii"),
    body,
  ]);
}

/** Takes bytes as they come and gives whole messages; throws on what is no frame. */
export class FrameReader {
  private rest = Buffer.alloc(0);

  feed(bytes: Buffer): unknown[] {
    const messages: unknown[] = [];
    this.rest = Buffer.concat([this.rest, bytes]);
    for (let body = this.next(); body; body = this.next()) {
      messages.push(JSON.parse(body.toString("utf8")) as unknown);
    }
    return messages;
  }

  private next(): Buffer | undefined {
    const end = this.rest.indexOf("\r\n\r\n");
    if (end < 0) {
      return undefined;
    }
    const header = this.rest.toString("ascii", 0, end);
    const length = Number(/^content-length: *(\d+)$/im.exec(header)?.[1]);
    if (!(length <= MAX_BODY_BYTES)) {
      throw new Error(`no Content-Length in '${header.slice(0, 200)}'`);
    }
    const start = end + 4;
    if (this.rest.length < start + length) {
      return undefined;
    }
    const body = this.rest.subarray(start, start + length);
    this.rest = this.rest.subarray(start + length);
    return body;
  }
}

/** The adapter on a child's standard input and output. */
export class ProcessTransport implements Transport {
  /** The last that the child wrote to standard error. */
  lastWords = "";

  constructor(private readonly child: ChildProcessWithoutNullStreams) {
    const decoder = new StringDecoder("utf8");
    child.stdin.on("error", () => undefined); // its end is told by messages
    child.stderr.on("data", (bytes: Buffer) => {
      this.lastWords = (this.lastWords + decoder.write(bytes)).slice(-2000);
    });
  }

  send(message: object): void {
    this.child.stdin.write(encode(message));
  }

  get messages(): AsyncIterable<unknown> {
    return this.read();
  }

  private async *read(): AsyncGenerator {
    const reader = new FrameReader();
    for await (const bytes of this.child.stdout) {
      yield* reader.feed(bytes as Buffer);
    }
  }
}
