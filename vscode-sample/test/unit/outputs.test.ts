// SPDX-License-Identifier: BSD-3-Clause

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  applyReturns,
  bundleItems,
  displayId,
  errorItem,
  outputMetadata,
} from "../../src/kernel/outputs.js";

test("a mime bundle keeps every representation, plain text last", () => {
  const items = bundleItems({
    "text/plain": "<Figure>",
    "image/png": "aGFsbG8=\n",
    "text/html": ["<b>", "x</b>"],
    "application/json": { a: [1] },
  });
  assert.deepEqual(
    items.map(({ mime }) => mime),
    ["image/png", "application/json", "text/html", "text/plain"],
  );
  assert.deepEqual(items[0]?.data, Buffer.from("hallo"));
  assert.equal(items[1]?.data, '{"a":[1]}');
  assert.equal(items[2]?.data, "<b>x</b>");
});

test("svg is text, not base64", () => {
  assert.equal(bundleItems({ "image/svg+xml": "<svg/>" })[0]?.data, "<svg/>");
});

test("carriage returns overwrite, backspaces go back, CRLF is a line's end", () => {
  assert.equal(applyReturns(" 10%\r 20%\r100%\n"), "100%\n");
  assert.equal(applyReturns("abc\rX"), "Xbc");
  assert.equal(applyReturns("ab\bc\r\nd"), "ac\nd");
  assert.equal(applyReturns(applyReturns(" 10%\r") + " 20%"), " 20%");
});

test("an error has its name, its message and its traceback", () => {
  const content = { ename: "E", evalue: "v", traceback: ["a", "b"] };
  assert.deepEqual(JSON.parse(String(errorItem(content).data)), {
    name: "E",
    message: "v",
    stack: "a\nb",
  });
  assert.deepEqual(outputMetadata("error", content), {
    outputType: "error",
    originalError: content,
  });
});

test("metadata is what VS Code's writer of .ipynb files looks for", () => {
  const content = {
    data: {},
    metadata: { isolated: true },
    execution_count: 3,
    transient: { display_id: "d" },
  };
  assert.deepEqual(outputMetadata("execute_result", content), {
    outputType: "execute_result",
    executionCount: 3,
    metadata: { isolated: true },
    transient: { display_id: "d" },
  });
  assert.equal(displayId(content), "d");
  assert.equal(displayId({ transient: 1 }), undefined);
});
