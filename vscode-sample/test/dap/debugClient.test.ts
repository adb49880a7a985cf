// SPDX-License-Identifier: BSD-3-Clause
// Microsoft's DebugClient against the bridge with what the extension sends: configurations of the
// snippets, debugpy's with another type, and two sessions on one kernel.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import type { DebugClient } from "@vscode/debugadapter-testsupport";

import { DECLARATION } from "../../src/dap/protocol.js";
import { KernelSession } from "../../src/kernel/session.js";
import { file, notebook } from "../e2e/fixtures.js";
import { BINARY } from "../places.js";
import { Client } from "./adapter.js";

const folder = mkdtempSync(join(tmpdir(), "celldap-client-"));
const script = join(folder, "p.py");
const ipynb = join(folder, "nb.ipynb");
file(folder, "p.py", "import sys\ntotal = len(sys.argv)\nprint(total)\n");
notebook(folder, "nb.ipynb", ["a = 1\nb = a + 1\nprint('b', b)"]);
const clients: DebugClient[] = [];
after(async () => {
  await Promise.all(clients.map((dc) => dc.stop()));
  rmSync(folder, { recursive: true });
});

const GUARD = { timeout: 120_000 }; // only against hangs

async function client(): Promise<DebugClient> {
  const dc = new Client();
  clients.push(dc);
  await dc.start();
  return dc;
}

test("a launch.json of debugpy's works by its type", GUARD, async () => {
  const dc = await client();
  const config = {
    name: "Python: Current File",
    type: "celldap",
    request: "launch",
    program: script,
    args: ["x", "y"],
    console: "internalConsole",
    justMyCode: true,
    __sessionId: "1",
  };
  const place = { path: script, line: 3, verified: false }; // not before the kernel is there
  await dc.hitBreakpoint(config, place, { path: script, line: 3 });
  const { body } = await dc.evaluateRequest({ expression: "total" });
  assert.equal(body.result, "3");
  const ended = dc.waitForEvent("terminated");
  await dc.continueRequest({ threadId: 1 });
  await ended;
  await dc.disconnectRequest({});
});

test("a second session stops what the runner runs", GUARD, async () => {
  const runner = await KernelSession.start(
    BINARY,
    { program: ipynb, cwd: folder },
    {
      output: () => undefined,
      state: () => undefined,
      input: () => undefined,
      said: () => undefined,
      ended: () => undefined,
    },
  );
  const uri = "vscode-notebook-cell:/nb.ipynb#W0sZmlsZQ%3D%3D";
  const cell = {
    uri,
    index: 0,
    id: "c0",
    code: "a = 1\nb = a + 1\nprint('b', b)",
  };
  const dc = await client();
  await dc.initializeRequest();
  const attached = dc.attachRequest({
    connectionFile: runner.connectionFile,
    celldap: DECLARATION,
  } as never);
  const pending = await dc.setBreakpointsRequest({
    source: { name: "nb.ipynb", path: uri },
    breakpoints: [{ line: 2 }],
  });
  assert.equal(pending.body.breakpoints[0]?.verified, false);
  await dc.configurationDoneRequest();
  await attached;
  await dc.customRequest("celldap/cell", cell);
  await dc.threadsRequest();
  const stopped = dc.waitForEvent("stopped");
  await runner.run(cell);
  await stopped;
  const trace = await dc.stackTraceRequest({ threadId: 1 });
  assert.equal(trace.body.stackFrames[0]?.source?.path, uri);
  assert.equal(trace.body.stackFrames[0].line, 2);
  await dc.disconnectRequest({});
  await runner.close();
});
