// SPDX-License-Identifier: BSD-3-Clause
// Output messages into the cells: gathered, and taken in once a frame, so that a flood of them
// costs one change of the store.
import type { CellOutputBody } from "../protocol/celldap.ts";
import { joined } from "../model/notebook.ts";
import type { Cell } from "../model/notebook.ts";
import { addMessage, type OutputMessage, updateDisplay } from "../model/outputs.ts";
import { type App, type ArrivedOutput, changeFile } from "./app.ts";

export function onCellOutput(app: App, body: CellOutputBody): void {
  const { msgType, content } = body;
  if (app.arriving.push({ cellId: body.cell.id, message: { msgType, content } }) === 1) {
    app.schedule(() => flushOutputs(app));
  }
}

function isStream(message: OutputMessage | undefined): message is OutputMessage {
  return message?.msgType === "stream";
}

/** Streams that follow one another become one message; joining them one by one is slow. */
export function joinStreams(arrived: readonly ArrivedOutput[]): readonly ArrivedOutput[] {
  const groups: { first: ArrivedOutput; texts: string[] }[] = [];
  for (const next of arrived) {
    const last = groups.at(-1);
    const same =
      isStream(next.message) &&
      isStream(last?.first.message) &&
      last.first.cellId === next.cellId &&
      last.first.message.content["name"] === next.message.content["name"];
    if (same) {
      last.texts.push(joined(next.message.content["text"]));
    } else {
      groups.push({ first: next, texts: [joined(next.message.content["text"])] });
    }
  }
  return groups.map(({ first, texts }) => {
    const { msgType, content } = first.message;
    return texts.length === 1
      ? first
      : { ...first, message: { msgType, content: { ...content, text: texts.join("") } } };
  });
}

function take(app: App, cell: Cell, messages: readonly OutputMessage[]): Cell {
  let state = { outputs: cell.outputs, clearNext: app.clearNext.has(cell.id) };
  for (const message of messages) {
    state = addMessage(state, message);
  }
  if (state.clearNext) {
    app.clearNext.add(cell.id);
  } else {
    app.clearNext.delete(cell.id);
  }
  return state.outputs === cell.outputs ? cell : { ...cell, outputs: state.outputs };
}

function updated(cell: Cell, updates: readonly OutputMessage[]): Cell {
  let { outputs } = cell;
  for (const { content } of updates) {
    outputs = updateDisplay(outputs, content);
  }
  return outputs === cell.outputs ? cell : { ...cell, outputs };
}

/** Takes in what has arrived; before a cell is told to be over, too. */
export function flushOutputs(app: App): void {
  const arrived = joinStreams(app.arriving.splice(0));
  if (arrived.length === 0) {
    return;
  }
  const byCell = new Map<string, OutputMessage[]>();
  const updates: OutputMessage[] = [];
  for (const { cellId, message } of arrived) {
    if (message.msgType === "update_display_data") {
      updates.push(message);
    } else {
      byCell.set(cellId, [...(byCell.get(cellId) ?? []), message]);
    }
  }
  changeFile(app, (file) => ({
    ...file,
    cells: file.cells.map((cell) => {
      const messages = byCell.get(cell.id);
      return updated(messages === undefined ? cell : take(app, cell, messages), updates);
    }),
  }));
}
