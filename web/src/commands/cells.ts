// SPDX-License-Identifier: BSD-3-Clause
// Changing the list of cells, and the file.
import { cursorOffset } from "../editor/focus.ts";
import * as editing from "../session/editing.ts";
import { saveFile } from "../session/files.ts";
import { type Command, hasCell, hasFile, isWalking, select, withCell } from "./command.ts";

const editCommands: readonly Command[] = [
  {
    id: "addAbove",
    title: "Add a cell above",
    icon: "add",
    keys: [],
    commandKeys: ["A"],
    when: hasCell,
    run: withCell((app, cellId) => editing.addCell(app, cellId, 0, "code")),
  },
  {
    id: "addBelow",
    title: "Add a cell below",
    icon: "add",
    keys: [],
    commandKeys: ["B"],
    when: hasCell,
    run: withCell((app, cellId) => editing.addCell(app, cellId, 1, "code")),
  },
  {
    id: "delete",
    title: "Delete the cell",
    icon: "trash",
    keys: [],
    commandKeys: ["Delete", "X"],
    when: hasCell,
    run: withCell((app, cellId) => {
      editing.deleteCell(app, cellId);
      select(app, app.store.get().ui.selected);
    }),
  },
  {
    id: "moveUp",
    title: "Move the cell up",
    icon: "arrow-up",
    keys: ["Ctrl+Shift+ArrowUp"],
    when: hasCell,
    run: withCell((app, cellId) => editing.moveCell(app, cellId, -1)),
  },
  {
    id: "moveDown",
    title: "Move the cell down",
    icon: "arrow-down",
    keys: ["Ctrl+Shift+ArrowDown"],
    when: hasCell,
    run: withCell((app, cellId) => editing.moveCell(app, cellId, 1)),
  },
  {
    id: "split",
    title: "Split the cell at the cursor",
    icon: "split-vertical",
    keys: ["Ctrl+Shift+_", "Ctrl+Shift+-"],
    when: (state) => hasCell(state) && state.ui.editing,
    run: withCell((app, cellId) => editing.splitCell(app, cellId, cursorOffset())),
  },
  {
    id: "merge",
    title: "Merge with the cell below",
    icon: "merge",
    keys: [],
    commandKeys: ["Shift+M"],
    when: hasCell,
    run: withCell(editing.mergeCell),
  },
  {
    id: "toMarkdown",
    title: "Make it a markdown cell",
    icon: "markdown",
    keys: [],
    commandKeys: ["M"],
    when: isWalking,
    run: withCell((app, cellId) => editing.setType(app, cellId, "markdown")),
  },
  {
    id: "toCode",
    title: "Make it a code cell",
    icon: "code",
    keys: [],
    commandKeys: ["Y"],
    when: isWalking,
    run: withCell((app, cellId) => editing.setType(app, cellId, "code")),
  },
  {
    id: "undo",
    title: "Undo the last change of cells",
    icon: "discard",
    keys: [],
    commandKeys: ["Z", "Ctrl+Z"],
    when: (state) => (state.file?.history.undo.length ?? 0) > 0,
    run: editing.undoEdit,
  },
  {
    id: "redo",
    title: "Redo the change of cells",
    icon: "redo",
    keys: [],
    commandKeys: ["Shift+Z", "Ctrl+Shift+Z", "Ctrl+Y"],
    when: (state) => (state.file?.history.redo.length ?? 0) > 0,
    run: editing.redoEdit,
  },
];

const fileCommands: readonly Command[] = [
  {
    id: "save",
    title: "Save",
    icon: "save",
    keys: ["Ctrl+S"],
    when: hasFile,
    run: (app) => saveFile(app),
  },
  {
    id: "clearOutputs",
    title: "Clear all outputs",
    icon: "clear-all",
    keys: [],
    when: hasFile,
    run: editing.clearOutputs,
  },
];

export const commands: readonly Command[] = [...editCommands, ...fileCommands];
