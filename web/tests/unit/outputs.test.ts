// SPDX-License-Identifier: BSD-3-Clause
import assert from "node:assert/strict";
import { test } from "node:test";
import { addMessage, type CellOutputs, updateDisplay } from "../../src/model/outputs.ts";
import { appendTerminal } from "../../src/model/terminal.ts";
import { shownOf } from "../../src/render/mime.ts";
import { joinStreams } from "../../src/session/outputs.ts";

const none: CellOutputs = { outputs: [], clearNext: false };

function stream(text: string, name = "stdout") {
  return { msgType: "stream", content: { name, text } };
}

function display(text: string, displayId?: string) {
  const transient = displayId === undefined ? {} : { display_id: displayId };
  return {
    msgType: "display_data",
    content: { data: { "text/plain": text }, metadata: {}, transient },
  };
}

test("text of one stream joins, another stream begins a new output", () => {
  const all = [stream("a"), stream("b\n"), stream("x", "stderr"), stream("c")].reduce(
    addMessage,
    none,
  );
  assert.deepEqual(
    all.outputs.map(({ data }) => [data["name"], data["text"]]),
    [
      ["stdout", "ab\n"],
      ["stderr", "x"],
      ["stdout", "c"],
    ],
  );
});

test("clear_output clears at once, or with the next output when it waits", () => {
  const one = addMessage(none, stream("a"));
  const cleared = { msgType: "clear_output", content: { wait: false } };
  const waits = { msgType: "clear_output", content: { wait: true } };
  assert.deepEqual(addMessage(one, cleared).outputs, []);
  const waiting = addMessage(one, waits);
  assert.equal(waiting.outputs.length, 1);
  assert.deepEqual(
    addMessage(waiting, stream("b")).outputs.map(({ data }) => data["text"]),
    ["b"],
  );
});

test("an update changes every output of its display id and no other", () => {
  const { outputs } = [display("1", "d"), display("2"), display("3", "d")].reduce(addMessage, none);
  const now = updateDisplay(outputs, display("new", "d").content);
  assert.deepEqual(
    now.map((output) => shownOf(output)),
    ["new", "2", "new"].map((text) => ({ kind: "text", text, stream: "result" })),
  );
  assert.equal(updateDisplay(outputs, display("x", "other").content), outputs);
});

test("a progress bar is one line", () => {
  const bar = ["\r 10%", "\r 50%", "\r100%", "\ndone\n"].reduce(appendTerminal, "");
  assert.equal(bar, "100%\ndone\n");
});

test("a carriage return overwrites as a terminal does", () => {
  assert.equal(appendTerminal("", "abcdef\rXY"), "XYcdef");
  assert.equal(appendTerminal("one\nabc\r", "Z"), "one\nZbc");
  assert.equal(appendTerminal("a", "\r\nb"), "a\nb");
  assert.equal(appendTerminal("", "abc\b\bX"), "aX");
});

test("a flood of stream messages becomes one for each stream", () => {
  const arrived = Array.from({ length: 1000 }, (_, n) => ({
    cellId: n < 900 ? "a" : "b",
    message: stream(`${n}\n`),
  }));
  const joined = joinStreams(arrived);
  assert.equal(joined.length, 2);
  assert.equal(joined[1]?.message.content["text"]?.toString().split("\n").length, 101);
});

test("the best form of a bundle is shown", () => {
  const shown = (data: Record<string, unknown>) =>
    shownOf({ data: { output_type: "display_data", data, metadata: {} } }).kind;
  assert.equal(shown({ "text/plain": "x", "text/html": "<b>x</b>" }), "html");
  assert.equal(shown({ "text/plain": "x", "image/png": "aGk=" }), "image");
  assert.equal(shown({ "image/svg+xml": "<svg/>" }), "image");
  assert.equal(shown({ "application/json": { a: 1 }, "text/plain": "x" }), "json");
  assert.equal(shown({ "text/latex": "$x$", "text/plain": "x" }), "latex");
  assert.equal(shown({ "application/x-unknown": "x" }), "message");
  assert.equal(
    shown({ "application/vnd.jupyter.widget-view+json": {}, "text/plain": "IntSlider()" }),
    "message",
  );
});
