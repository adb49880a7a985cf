// SPDX-License-Identifier: BSD-3-Clause
// The DapClient: against messages made here, and against the real bridge.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { declaration } from "../../src/protocol/celldap.ts";
import { ClosedError, DapClient, RequestError } from "../../src/protocol/client.ts";
import { MessageQueue, type Transport } from "../../src/protocol/transport.ts";
import { StdioTransport } from "../support/stdio.ts";

class Wire implements Transport {
  readonly messages = new MessageQueue();
  readonly sent: DebugProtocol.ProtocolMessage[] = [];
  send(message: DebugProtocol.ProtocolMessage): void {
    this.sent.push(message);
  }
  close(): void {
    this.messages.end();
  }
}

function reply(seq: number, parts: Partial<DebugProtocol.Response>): DebugProtocol.Response {
  return { seq: 0, type: "response", request_seq: seq, success: true, command: "x", ...parts };
}

test("each answer goes to its own request, in whatever order they come", async () => {
  const wire = new Wire();
  const client = new DapClient(wire);
  const first = client.request("threads", {});
  const second = client.request("scopes", { frameId: 1 });
  wire.messages.push(reply(2, { body: { scopes: [] } }));
  wire.messages.push(reply(1, { body: { threads: [{ id: 1, name: "MainThread" }] } }));
  assert.deepEqual(await second, { scopes: [] });
  assert.deepEqual(await first, { threads: [{ id: 1, name: "MainThread" }] });
});

test("an error carries the adapter's text and the request's name", async () => {
  const wire = new Wire();
  const client = new DapClient(wire);
  const asked = client.request("evaluate", { expression: "x" });
  const error = { id: 1, format: "NameError: x", showUser: true };
  wire.messages.push(reply(1, { success: false, message: "failed", body: { error } }));
  await assert.rejects(asked, (thrown) => {
    assert.ok(thrown instanceof RequestError);
    assert.equal(thrown.message, "NameError: x");
    assert.equal(thrown.command, "evaluate");
    return true;
  });
});

test("what waits when the connection ends is told so, and so is what comes later", async () => {
  const wire = new Wire();
  const client = new DapClient(wire);
  const asked = client.request("threads", {});
  client.close();
  await assert.rejects(asked, ClosedError);
  await client.ended;
  await assert.rejects(client.request("threads", {}), ClosedError);
});

test("an abort cancels the request at the adapter, whose answer counts", async () => {
  const wire = new Wire();
  const client = new DapClient(wire);
  const abort = new AbortController();
  const asked = client.request("evaluate", { expression: "f()" }, abort.signal);
  abort.abort();
  assert.deepEqual(wire.sent[1], {
    seq: 2,
    type: "request",
    command: "cancel",
    arguments: { requestId: 1 },
  });
  wire.messages.push(reply(2, {}));
  wire.messages.push(reply(1, { success: false, message: "cancelled" }));
  await assert.rejects(asked, { reason: "cancelled" });
});

test("a listener hears until it is taken off", async () => {
  const wire = new Wire();
  const client = new DapClient(wire);
  const heard: string[] = [];
  const off = client.on("output", ({ output }) => heard.push(output));
  wire.messages.push({ seq: 1, type: "event", event: "output", body: { output: "a" } });
  const asked = client.request("threads", {});
  wire.messages.push(reply(1, {}));
  await asked;
  off();
  wire.messages.push({ seq: 2, type: "event", event: "output", body: { output: "b" } });
  client.close();
  await client.ended;
  assert.deepEqual(heard, ["a"]);
});

const BUILD = process.env["CELLDAP_BUILD"] ?? resolve(import.meta.dirname, "../../../build");

test("the same client stops a cell of the real bridge at its breakpoint", async () => {
  const folder = await mkdtemp(join(tmpdir(), "celldap-client-"));
  const notebook = join(folder, "nb.ipynb");
  const cell = {
    cell_type: "code",
    id: "a1",
    metadata: {},
    outputs: [],
    execution_count: null,
    source: ["x = 1\n", "y = x + 1\n"],
  };
  const file = { cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 5 };
  await writeFile(notebook, JSON.stringify(file, null, 1));
  const wire = new StdioTransport(join(BUILD, "bin/celldap"));
  const client = new DapClient(wire);
  const initialized = new Promise<void>((done) => client.on("initialized", () => done()));
  const stopped = new Promise<number>((done) =>
    client.on("stopped", ({ threadId }) => done(threadId ?? 0)),
  );
  await client.request("initialize", { adapterID: "celldap", celldap: declaration });
  const launched = client.request("launch", {
    program: notebook,
    cells: [],
    justMyCode: true,
    showReturnValue: true,
  });
  await initialized;
  const uri = "celldap-cell:nb#a1";
  const code = "x = 1\ny = x + 1\n";
  await client.request("celldap/cell", { uri, notebook, index: 0, id: "a1", code });
  const { breakpoints } = await client.request("setBreakpoints", {
    source: { path: uri },
    breakpoints: [{ line: 2 }],
  });
  assert.equal(breakpoints.length, 1);
  await client.request("configurationDone", {});
  await launched;
  await client.request("celldap/runCell", { uri, code });
  const { stackFrames } = await client.request("stackTrace", { threadId: await stopped });
  assert.equal(stackFrames[0]?.source?.path, uri);
  assert.equal(stackFrames[0].line, 2);
  await client.request("disconnect", { terminateDebuggee: true });
  client.close();
  assert.equal(await wire.exited, 0);
  await rm(folder, { recursive: true });
});
