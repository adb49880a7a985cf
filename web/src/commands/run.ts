// SPDX-License-Identifier: BSD-3-Clause
// Running cells and walking between them.
import * as editing from "../session/editing.ts";
import type { App } from "../session/app.ts";
import { runCells } from "../session/running.ts";
import { cellIds, type Command, hasCell, hasFile, isWalking, select, withCell } from "./command.ts";

function runAndGoOn(app: App, cellId: string): void {
  runCells(app, [cellId]);
  const next = editing.neighbour(app, cellId, 1);
  if (next === undefined) {
    editing.addCell(app, cellId, 1, "code");
  } else {
    select(app, next);
  }
}

function upTo(app: App, cellId: string, inclusive: boolean): readonly string[] {
  const all = cellIds(app);
  return all.slice(0, all.indexOf(cellId) + (inclusive ? 1 : 0));
}

const runCommands: readonly Command[] = [
  {
    id: "run",
    title: "Run the cell and go to the next",
    icon: "play",
    keys: ["Shift+Enter"],
    when: hasCell,
    run: withCell(runAndGoOn),
  },
  {
    id: "runHere",
    title: "Run the cell",
    icon: "play",
    keys: ["Ctrl+Enter"],
    when: hasCell,
    run: withCell((app, cellId) => {
      runCells(app, [cellId]);
      select(app, cellId);
    }),
  },
  {
    id: "runAll",
    title: "Run all cells",
    icon: "run-all",
    keys: ["Ctrl+Shift+Enter"],
    when: hasFile,
    run: (app) => runCells(app, cellIds(app)),
  },
  {
    id: "runAbove",
    title: "Run all above",
    icon: "run-above",
    keys: [],
    when: hasCell,
    run: withCell((app, cellId) => runCells(app, upTo(app, cellId, false))),
  },
  {
    id: "runTo",
    title: "Run all to here",
    icon: "run-below",
    keys: [],
    when: hasCell,
    run: withCell((app, cellId) => runCells(app, upTo(app, cellId, true))),
  },
];

const walkCommands: readonly Command[] = [
  {
    id: "edit",
    title: "Edit the cell",
    icon: "edit",
    keys: [],
    commandKeys: ["Enter"],
    when: isWalking,
    run: withCell((app, cellId) => select(app, cellId, true)),
  },
  {
    id: "leave",
    title: "Leave the editor",
    icon: "edit",
    keys: ["Escape"],
    when: (state) => hasCell(state) && state.ui.editing,
    run: withCell((app, cellId) => select(app, cellId)),
  },
  {
    id: "up",
    title: "Cell above",
    icon: "arrow-up",
    keys: [],
    commandKeys: ["ArrowUp", "K"],
    when: isWalking,
    run: withCell((app, cellId) => select(app, editing.neighbour(app, cellId, -1))),
  },
  {
    id: "down",
    title: "Cell below",
    icon: "arrow-down",
    keys: [],
    commandKeys: ["ArrowDown", "J"],
    when: isWalking,
    run: withCell((app, cellId) => select(app, editing.neighbour(app, cellId, 1))),
  },
];

export const commands: readonly Command[] = [...runCommands, ...walkCommands];
