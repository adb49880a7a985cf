// SPDX-License-Identifier: BSD-3-Clause
// Breakpoints, trees, history, expressions, the store.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as list from "../../src/model/breakpoints.ts";
import { emptyHistory, remember, walk } from "../../src/model/history.ts";
import { childNode, openChildren, PAGE, rootNode, rowAt, rowCount } from "../../src/model/tree.ts";
import { expressionAt } from "../../src/editor/expression.ts";
import { readPage } from "../../src/session/table.ts";
import { Store } from "../../src/store.ts";

const cell: list.Place = { kind: "cell", cellId: "a" };

test("a click sets a breakpoint and takes it away again", () => {
  const one = list.toggle([], cell, 3);
  assert.deepEqual(
    one.map(({ line, enabled }) => [line, enabled]),
    [[3, true]],
  );
  assert.deepEqual(list.toggle(one, cell, 3), []);
  assert.equal(list.toggle(one, { kind: "cell", cellId: "b" }, 3).length, 2);
});

test("a disabled breakpoint is kept and not sent", () => {
  const [breakpoint] = list.toggle([], cell, 1);
  assert.ok(breakpoint);
  const off = list.changeOne([breakpoint], breakpoint.key, { enabled: false });
  assert.equal(off.length, 1);
  assert.deepEqual(list.toSend(off, cell), []);
});

test("breakpoints below a split go into the new cell", () => {
  const all = list.toggle(list.toggle([], cell, 1), cell, 4);
  assert.deepEqual(
    list.splitLines(all, "a", 3, "b").map(({ place, line }) => [place, line]),
    [
      [cell, 1],
      [{ kind: "cell", cellId: "b" }, 2],
    ],
  );
});

test("what the browser keeps comes back without the adapter's answers", () => {
  const [breakpoint] = list.toggle([], cell, 1);
  assert.ok(breakpoint);
  const known = { ...breakpoint, answer: { verified: true, id: 7 } };
  const [back] = list.restore(list.store([known]));
  assert.equal(back?.line, 1);
  assert.equal(back.answer, undefined);
  assert.deepEqual(list.restore("nonsense"), []);
  assert.deepEqual(list.restore('[{"line": "1"}]'), []);
});

function million() {
  const variable = { name: "big", value: "", variablesReference: 1, indexedVariables: 1_000_000 };
  const root = rootNode({ ...variable, namedVariables: 1 }, "big");
  root.children = openChildren(root.variable);
  return root;
}

test("a list of a million is rows that are still to come", () => {
  const root = million();
  assert.equal(rowCount(root), 1_000_002);
  assert.deepEqual(rowAt(root, 0), { kind: "node", node: root });
  assert.deepEqual(rowAt(root, 1_000_001), { kind: "loading", parent: root, index: 1_000_000 });
  assert.equal(rowAt(root, 1_000_002), undefined);
});

test("what is open inside moves the rows below it", () => {
  const root = million();
  const leaf = { name: "x", value: "1", variablesReference: 0 };
  const item = childNode(root, { name: "5", value: "", variablesReference: 2 });
  root.children?.nodes.set(6, item);
  item.children = openChildren(item.variable);
  item.children.total = 2;
  item.children.nodes.set(0, childNode(item, leaf));
  item.children.nodes.set(1, childNode(item, { ...leaf, name: "y" }));
  assert.equal(rowCount(root), 1_000_004);
  const row = rowAt(root, 9);
  assert.equal(row?.kind === "node" && row.node.variable.name, "y");
  assert.deepEqual(rowAt(root, 10), { kind: "loading", parent: root, index: 7 });
});

test("short lists are not paged", () => {
  const short = { name: "a", value: "", variablesReference: 1, indexedVariables: PAGE };
  assert.equal(openChildren(short).paged, false);
});

test("the arrow keys walk through what was typed, and back to the draft", () => {
  const history = remember(remember(emptyHistory, "a"), "b");
  const up = walk(history, -1, "draft");
  assert.equal(up.text, "b");
  const upper = walk(up.history, -1, "b");
  assert.equal(upper.text, "a");
  assert.equal(walk(upper.history, -1, "a").text, "a");
  assert.equal(walk(walk(upper.history, 1, "a").history, 1, "b").text, "draft");
});

test("the expression under the mouse is the chain up to the name", () => {
  const line = "total = self.rows.count + 'self.no' # self.no";
  assert.equal(expressionAt(line, 10)?.expression, "self");
  assert.equal(expressionAt(line, 15)?.expression, "self.rows");
  assert.equal(expressionAt(line, 20)?.expression, "self.rows.count");
  assert.equal(expressionAt(line, 30), undefined);
  assert.equal(expressionAt(line, 42), undefined);
  assert.equal(expressionAt("return x", 3), undefined);
});

test("a page of a table is read, anything else is not", () => {
  const page = { columns: ["é"], index: ["0"], rows: [["1"]], total: 1 };
  const result = `'${Buffer.from(JSON.stringify(page)).toString("base64")}'`;
  assert.deepEqual(readPage(result), page);
  assert.equal(readPage(`'${btoa("[]")}'`), undefined);
});

test("many changes are told once", () => {
  const runs: (() => void)[] = [];
  const store = new Store({ n: 0 }, (run) => runs.push(run));
  let told = 0;
  const off = store.subscribe(() => told++);
  store.set({ n: 1 });
  store.set({ n: 2 });
  assert.equal(runs.length, 1);
  runs[0]?.();
  assert.equal(told, 1);
  off();
  store.set({ n: 3 });
  runs[1]?.();
  assert.equal(told, 1);
});
