// SPDX-License-Identifier: BSD-3-Clause
// The runner against the real bridge and kernel: what the notebook controller is made of.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { KernelSession } from "../../src/kernel/session.js";
import type { KernelListener } from "../../src/kernel/session.js";
import { notebook } from "../e2e/fixtures.js";
import { BINARY } from "../places.js";

const folder = mkdtempSync(join(tmpdir(), "celldap-runner-"));
const program = join(folder, "nb.ipynb");
notebook(folder, "nb.ipynb", ["x = 1"]);
const sessions: KernelSession[] = [];
after(async () => {
  await Promise.allSettled(sessions.map((session) => session.close())); // of a test that failed
  rmSync(folder, { recursive: true });
});

/** Tells what it hears as lines; takes one, or waits for it: they come by several sockets. */
class Ear implements KernelListener {
  readonly lines: string[] = [];
  private wake: (() => void) | undefined;

  output: KernelListener["output"] = ({ msgType, content }) => {
    const words = content["text"] ?? content["ename"];
    this.hear(`${msgType} ${typeof words === "string" ? words : ""}`);
  };
  state: KernelListener["state"] = ({ state, executionCount }) => {
    this.hear(`${state} ${String(executionCount ?? "")}`.trim());
  };
  input: KernelListener["input"] = ({ prompt, password }) => {
    this.hear(`input ${prompt}${password ? " secret" : ""}`);
  };
  said: KernelListener["said"] = () => undefined;
  ended: KernelListener["ended"] = (why) => {
    this.hear(`ended ${why}`.trim());
  };

  async until(line: RegExp): Promise<string> {
    for (;;) {
      const at = this.lines.findIndex((heard) => line.test(heard));
      if (at >= 0) {
        return this.lines.splice(at, 1)[0] ?? "";
      }
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  private hear(line: string): void {
    this.lines.push(line);
    this.wake?.();
  }
}

const GUARD = { timeout: 120_000 }; // only against hangs

async function kernel(): Promise<{ ear: Ear; session: KernelSession }> {
  const ear = new Ear();
  const launch = { program, cwd: folder };
  const session = await KernelSession.start(BINARY, launch, ear);
  sessions.push(session);
  return { ear, session };
}

const cell = (code: string, index = 0) => ({
  uri: `vscode-notebook-cell://h:1/nb.ipynb#W${String(index)}s`,
  id: `c${String(index)}`,
  index,
  code,
});

test("cells run one by one, with numbers and outputs", GUARD, async () => {
  const { ear, session } = await kernel();
  await session.run(cell("print('one')"));
  await session.run(cell("1 / 0", 1));
  await ear.until(/^stream one/); // its line end may come by itself
  assert.equal(await ear.until(/^ok/), "ok 1");
  await ear.until(/^error ZeroDivisionError/);
  assert.equal(await ear.until(/^error \d/), "error 2");
  assert.match(session.connectionFile, /connection\.json$/);
  await session.close();
  await ear.until(/^ended$/);
});

test("an input() is asked for and answered", GUARD, async () => {
  const { ear, session } = await kernel();
  await session.run(
    cell("import getpass\nprint(input('name? '))\ngetpass.getpass('pw ')"),
  );
  await ear.until(/^input name\? $/);
  await session.answer("Ada");
  await ear.until(/^stream Ada/);
  await ear.until(/^input pw {2}secret/);
  await session.answer("x");
  await ear.until(/^ok 1/);
  await session.close();
});

test(
  "interrupt ends what runs, restart brings a new kernel",
  GUARD,
  async () => {
    const { ear, session } = await kernel();
    await session.run(cell("y = 2\nprint('on', flush=True)\nwhile True: pass"));
    await ear.until(/^stream on/);
    await session.interrupt();
    await ear.until(/^error KeyboardInterrupt/);
    await session.restart();
    await session.run(cell("print('y' in globals())"));
    await ear.until(/^stream False/);
    await session.close();
  },
);

test("a kernel that dies is told with its reason", GUARD, async () => {
  const { ear, session } = await kernel();
  await session.run(cell("import os; os.abort()"));
  const end = await ear.until(/^ended/);
  assert.match(end, /killed by signal 6/);
  await assert.rejects(session.run(cell("1")));
});

test("a start that fails says why", GUARD, async () => {
  const start = KernelSession.start(
    BINARY,
    { program, cwd: folder, python: "/none/python" },
    new Ear(),
  );
  await assert.rejects(start, /\/none\/python/);
  const noProgram = KernelSession.start(
    join(folder, "gone"),
    { program, cwd: folder },
    new Ear(),
  );
  await assert.rejects(noProgram, /ENOENT/);
});
