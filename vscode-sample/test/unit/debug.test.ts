// SPDX-License-Identifier: BSD-3-Clause

import assert from "node:assert/strict";
import { test } from "node:test";

import { doorOf, forOpenFile } from "../../src/debug/config.js";
import { readKernels } from "../../src/debug/kernelList.js";
import { expressionAt, namesIn } from "../../src/view/names.js";
import { readPage, renderPage } from "../../src/view/tablePage.js";

const config = (adapter: unknown) => ({
  type: "celldap",
  request: "attach",
  name: "n",
  adapter,
});

test("F5 without a launch.json debugs the file that is open", () => {
  const made = forOpenFile({ path: "/a b/n.ipynb", kind: "notebook" });
  assert.equal(made?.["program"], "/a b/n.ipynb");
  assert.equal(made.request, "launch");
  assert.equal(forOpenFile(undefined), undefined);
});

test("adapter is HOST:PORT or a pipe", () => {
  assert.deepEqual(doorOf(config("10.0.0.1:4711")), {
    host: "10.0.0.1",
    port: 4711,
  });
  assert.deepEqual(doorOf(config("4711")), { host: "127.0.0.1", port: 4711 });
  assert.deepEqual(doorOf(config("/run/a:1")), { pipe: "/run/a:1" });
  assert.equal(doorOf(config(undefined)), undefined);
  assert.throws(() => doorOf(config("nowhere")), /neither HOST:PORT nor/);
});

test("only kernels that answer are offered", () => {
  const kernels = readKernels(
    JSON.stringify({
      installed: [],
      running: [
        {
          id: "a",
          file: "/r/a.json",
          state: "alive",
          kernel_name: "k",
          implementation: "celldap",
          since: 40,
        },
        { id: "b", file: "/r/b.json", state: "stale", since: 0 },
      ],
    }),
    new Date(100_000),
  );
  assert.deepEqual(kernels, [
    { file: "/r/a.json", title: "k", detail: "celldap · started 1 min ago" },
  ]);
  assert.throws(() => readKernels("{}", new Date()), /printed no list/);
});

test("inline values are of the function that is stopped, not of strings or calls", () => {
  const lines = [
    "top = 1",
    "def f(x):",
    "    y = g(x)  # z",
    "    s = 'q' + y.attr",
    "    return s",
  ];
  const names = namesIn(lines, 3).map(
    ({ line, name }) => `${String(line)}${name}`,
  );
  assert.deepEqual(names, ["1x", "2y", "2x", "3s", "3y"]);
  assert.deepEqual(namesIn(lines, 0), [{ line: 0, start: 0, name: "top" }]);
});

test("a hover is the dotted name up to where it points", () => {
  const line = "print(a.b.c) # d";
  assert.deepEqual(expressionAt(line, 6), { start: 6, text: "a" });
  assert.deepEqual(expressionAt(line, 8), { start: 6, text: "a.b" });
  assert.deepEqual(expressionAt(line, 10), { start: 6, text: "a.b.c" });
  assert.equal(expressionAt(line, 15), undefined);
});

test("a table shows its rows, escaped, and offers the other pages", () => {
  const json = JSON.stringify({
    total: 3,
    start: 0,
    page: { columns: ["<b>"], index: [0, "k"], data: [[1], [null]] },
  });
  const page = readPage(`'${Buffer.from(json).toString("base64")}'`);
  const html = renderPage("df", page, "n0");
  assert.match(html, /&#60;b&#62;/);
  assert.match(html, /<th scope="row">k<\/th><td>null<\/td>/);
  assert.match(html, /data-start="2">Next/);
  assert.match(html, /data-start="0" disabled>Previous/);
  assert.throws(() => readPage("<object>"), /cannot be shown as a table/);
});
