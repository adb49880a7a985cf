// SPDX-License-Identifier: BSD-3-Clause
// The JSON examples of docs/protocol.md, sent to the real bridge: replies and events have the members
// that the page shows.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { DECLARATION, isRecord } from "../../src/dap/protocol.js";
import { notebook } from "../e2e/fixtures.js";
import { ROOT } from "../places.js";
import { Client } from "./adapter.js";

const folder = mkdtempSync(join(tmpdir(), "celldap-examples-"));
const ipynb = join(folder, "nb.ipynb");
notebook(folder, "nb.ipynb", [
  "print('hello')",
  "1 / 0",
  "input('name? ')",
  "x = 1",
]);

/** The page's examples with the paths and names of this test's notebook. */
function examples(): unknown[] {
  const page = readFileSync(join(ROOT, "docs/protocol.md"), "utf8")
    .replaceAll("/home/me/nb.ipynb", ipynb)
    .replaceAll("/home/me/out.ipynb", join(folder, "out.ipynb"))
    .replaceAll('"a1b2"', '"c3"');
  const blocks = [...page.matchAll(/^```json\n(.*?)^```/gms)];
  return blocks.flatMap(([, block]) =>
    (block ?? "").split(/\n(?=\{)/).map((text): unknown => JSON.parse(text)),
  );
}

const all = examples();

/** The arguments of a request's example, and the body of the reply that follows it. */
function request(command: string): { args: unknown; body: unknown } {
  const at = all.findIndex(
    (one) => isRecord(one) && one["command"] === command,
  );
  const [asked, answered] = all.slice(at, at + 2);
  assert.ok(at >= 0 && isRecord(asked), `no example of ${command}`);
  const replied = isRecord(answered) && "success" in answered;
  return {
    args: asked["arguments"],
    body: replied ? answered["body"] : undefined,
  };
}

/** Every member of the example is there, down to its leaves' types. */
function like(real: unknown, example: unknown, path: string): void {
  if (Array.isArray(example)) {
    assert.ok(Array.isArray(real) && real.length > 0, path);
    like(real[0], example[0], `${path}[0]`);
  } else if (isRecord(example)) {
    for (const [key, value] of Object.entries(example)) {
      assert.ok(isRecord(real) && key in real, `${path}.${key}`);
      like(real[key], value, `${path}.${key}`);
    }
  } else {
    assert.equal(typeof real, typeof example, path);
  }
}

const dc = new Client();
after(async () => {
  await dc.stop();
  rmSync(folder, { recursive: true });
});

async function send(command: string, args?: unknown): Promise<void> {
  const example = request(command);
  const reply = await dc.customRequest(command, args ?? example.args);
  if (example.body !== undefined) {
    like(reply.body, example.body, command);
  }
}

/** Resolves with the body of the event of this name that is wanted. */
function event(
  name: string,
  wanted: (body: unknown) => boolean,
): Promise<unknown> {
  return new Promise((resolve) => {
    const listener = ({ body }: { body?: unknown }): void => {
      if (wanted(body)) {
        dc.off(name, listener);
        resolve(body);
      }
    };
    dc.on(name, listener);
  });
}

const state = (body: unknown): unknown => isRecord(body) && body["state"];

/** The next event of a name, as its example shows it. */
async function heard(name: string, when: () => Promise<unknown>) {
  const example = all.find((one) => isRecord(one) && one["event"] === name);
  assert.ok(isRecord(example), `no example of the event ${name}`);
  const same = (body: unknown) => state(body) === state(example["body"]);
  const [body] = await Promise.all([event(name, same), when()]);
  like(body, example["body"], name);
}

test(
  "the examples of docs/protocol.md work",
  { timeout: 180_000 },
  async () => {
    await dc.start();
    await dc.initializeRequest();
    const launched = dc.launchRequest({
      program: ipynb,
      cells: [],
      celldap: DECLARATION,
    } as never);
    await heard("process", () => dc.configurationDoneRequest());
    await launched;
    await send("celldap/cell");
    await send("celldap/cells");
    await heard("celldap/cellOutput", () =>
      dc.customRequest("celldap/runCell", { index: 0 }),
    );
    await send("celldap/runCell");
    await heard("celldap/input", () =>
      dc.customRequest("celldap/runCell", { index: 2 }),
    );
    await send("celldap/input");
    await heard("celldap/cellState", () =>
      dc.customRequest("celldap/runCell", { index: 0 }),
    );
    await dc.setExceptionBreakpointsRequest({ filters: [] });
    const failed = event(
      "celldap/cellState",
      (body) => state(body) === "error",
    );
    await dc.customRequest("celldap/runCell", { index: 1 });
    await failed;
    await send("celldap/postMortem");
    await send("celldap/saveOutputs");
    await dc.disconnectRequest({});
  },
);
