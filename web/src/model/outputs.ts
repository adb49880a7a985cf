// SPDX-License-Identifier: BSD-3-Clause
// The outputs of a cell as the kernel's messages make them: streams joined, displays updated,
// clear_output honoured.
import { isJson, type Json, text } from "../protocol/guards.ts";
import { joined } from "./notebook.ts";
import { appendTerminal } from "./terminal.ts";

export interface Output {
  /** As nbformat has it. */
  readonly data: Json;
  readonly displayId?: string;
}

export interface OutputMessage {
  readonly msgType: string;
  readonly content: Json;
}

export interface CellOutputs {
  readonly outputs: readonly Output[];
  /** clear_output(wait=True) came: the next output replaces what is there. */
  readonly clearNext: boolean;
}

export function displayIdOf(content: Json): string | undefined {
  return text(content["transient"], "display_id");
}

function object(value: unknown): Json {
  return isJson(value) ? value : {};
}

function addStream(outputs: readonly Output[], content: Json): readonly Output[] {
  const name = text(content, "name") ?? "stdout";
  const chunk = joined(content["text"]);
  const last = outputs.at(-1);
  if (last?.data["output_type"] === "stream" && last.data["name"] === name) {
    const whole = appendTerminal(joined(last.data["text"]), chunk);
    return [...outputs.slice(0, -1), { data: { ...last.data, text: whole } }];
  }
  return [...outputs, { data: { output_type: "stream", name, text: appendTerminal("", chunk) } }];
}

function bundle(msgType: string, content: Json): Output {
  const data: Json = {
    output_type: msgType,
    data: object(content["data"]),
    metadata: object(content["metadata"]),
    ...(msgType === "execute_result"
      ? { execution_count: content["execution_count"] ?? null }
      : {}),
  };
  const displayId = displayIdOf(content);
  return displayId === undefined ? { data } : { data, displayId };
}

function errorOutput(content: Json): Output {
  const { ename, evalue, traceback } = content;
  return { data: { output_type: "error", ename, evalue, traceback } };
}

function add(outputs: readonly Output[], message: OutputMessage): readonly Output[] {
  switch (message.msgType) {
    case "stream":
      return addStream(outputs, message.content);
    case "display_data":
    case "execute_result":
      return [...outputs, bundle(message.msgType, message.content)];
    case "error":
      return [...outputs, errorOutput(message.content)];
    default:
      return outputs;
  }
}

/** One message more; update_display_data is for all cells: updateDisplay. */
export function addMessage(before: CellOutputs, message: OutputMessage): CellOutputs {
  if (message.msgType === "clear_output") {
    const wait = message.content["wait"] === true;
    return wait ? { ...before, clearNext: true } : { outputs: [], clearNext: false };
  }
  const outputs = add(before.clearNext ? [] : before.outputs, message);
  return outputs === before.outputs ? before : { outputs, clearNext: false };
}

/** The outputs with this display id show the new data; the same list when there is none. */
export function updateDisplay(outputs: readonly Output[], content: Json): readonly Output[] {
  const id = displayIdOf(content);
  if (id === undefined || !outputs.some((output) => output.displayId === id)) {
    return outputs;
  }
  const data = object(content["data"]);
  const metadata = object(content["metadata"]);
  return outputs.map((output) =>
    output.displayId === id ? { ...output, data: { ...output.data, data, metadata } } : output,
  );
}
