// SPDX-License-Identifier: BSD-3-Clause

import assert from "node:assert/strict";
import { test } from "node:test";

import { DapClient } from "../../src/dap/client.js";
import type { Transport } from "../../src/dap/client.js";
import { encode, FrameReader } from "../../src/dap/framing.js";

test("frames come whole, however their bytes are cut", () => {
  const sent = [{ a: "ä" }, { b: 2 }, { c: "x".repeat(3000) }];
  const bytes = Buffer.concat(sent.map(encode));
  for (const size of [1, 7, 1000, bytes.length]) {
    const reader = new FrameReader();
    const got: unknown[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      got.push(...reader.feed(bytes.subarray(at, at + size)));
    }
    assert.deepEqual(got, sent);
  }
});

test("what is no frame is an error that shows it", () => {
  assert.throws(
    () => new FrameReader().feed(Buffer.from("GET / HTTP/1.1\r\n\r\n")),
    /no Content-Length in 'GET \//,
  );
});

class Script implements Transport {
  readonly sent: object[] = [];
  private readonly queue: unknown[] = [];
  private wake: () => void = () => undefined;
  private over = false;

  get messages(): AsyncIterable<unknown> {
    return this.read();
  }

  send(message: object): void {
    this.sent.push(message);
  }

  say(...messages: unknown[]): void {
    this.queue.push(...messages);
    this.wake();
  }

  end(): void {
    this.over = true;
    this.wake();
  }

  private async *read(): AsyncGenerator {
    while (!this.over || this.queue.length > 0) {
      if (this.queue.length > 0) {
        yield this.queue.shift();
      } else {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      }
    }
  }
}

test("a failed request rejects with the adapter's own words", async () => {
  const script = new Script();
  const client = new DapClient(
    script,
    () => undefined,
    () => undefined,
  );
  const reply = client.request("celldap/input", { value: "x" });
  script.say({
    type: "response",
    request_seq: 1,
    success: false,
    message: "short",
    body: { error: { id: 1, format: "no input() waits for an answer" } },
  });
  await assert.rejects(reply, /no input\(\) waits for an answer/);
});

test("events are told in order; the end rejects what is open, once", async () => {
  const script = new Script();
  const heard: string[] = [];
  const ended = new Promise<string>((resolve) => {
    const client = new DapClient(
      script,
      (name) => heard.push(name),
      (why) => {
        resolve(`${why}; ${heard.join(" ")}`);
      },
    );
    client
      .request("celldap/interrupt", undefined)
      .catch((error: unknown) => heard.push(String(error)));
  });
  script.say({ type: "event", event: "a" }, 7, { type: "event", event: "b" });
  script.end();
  assert.equal(await ended, "the debug adapter has ended; a b");
  assert.match(heard.join(), /RequestError: the debug adapter has ended/);
});
