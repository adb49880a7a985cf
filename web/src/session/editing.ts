// SPDX-License-Identifier: BSD-3-Clause
// What a user does to the list of cells; each can be undone.
import * as edits from "../model/edits.ts";
import type { Cells } from "../model/edits.ts";
import { splitLines } from "../model/breakpoints.ts";
import type { CellType } from "../model/notebook.ts";
import { type App, changeFile, changeUi } from "./app.ts";
import { changeBreakpoints } from "./breakpoints.ts";

function cellsOf(app: App): Cells {
  return app.store.get().file?.cells ?? [];
}

function edit(app: App, change: (cells: Cells) => Cells): void {
  changeFile(app, (file) => {
    const cells = change(file.cells);
    return cells === file.cells
      ? file
      : { ...file, cells, history: edits.remember(file.history, file.cells, cells) };
  });
}

export function setSource(app: App, cellId: string, source: string): void {
  changeFile(app, (file) => ({ ...file, cells: edits.change(file.cells, cellId, { source }) }));
}

/** A new cell beside another; it is selected. */
export function addCell(
  app: App,
  besideId: string | undefined,
  where: 0 | 1,
  type: CellType,
): void {
  const cell = edits.newCell(type);
  const at = besideId === undefined ? -1 : edits.indexOf(cellsOf(app), besideId);
  edit(app, (cells) => edits.insertAt(cells, at < 0 ? cells.length : at + where, cell));
  changeUi(app, { selected: cell.id, editing: true });
}

export function deleteCell(app: App, cellId: string): void {
  const at = edits.indexOf(cellsOf(app), cellId);
  edit(app, (cells) => edits.remove(cells, cellId));
  const cells = cellsOf(app);
  changeUi(app, { selected: (cells[at] ?? cells.at(-1))?.id, editing: false });
}

export function moveCell(app: App, cellId: string, by: 1 | -1): void {
  edit(app, (cells) => edits.move(cells, cellId, by));
}

export function splitCell(app: App, cellId: string, offset: number): void {
  const source = cellsOf(app).find((cell) => cell.id === cellId)?.source ?? "";
  edit(app, (cells) => edits.split(cells, cellId, offset));
  const cells = cellsOf(app);
  const below = cells[edits.indexOf(cells, cellId) + 1];
  if (below !== undefined) {
    const head = source.slice(0, offset);
    const begins = head.split("\n").length + (source[offset] === "\n" ? 1 : 0);
    changeBreakpoints(app, (all) => splitLines(all, cellId, begins, below.id));
    changeUi(app, { selected: below.id });
  }
}

export function mergeCell(app: App, cellId: string): void {
  const cells = cellsOf(app);
  const cell = cells[edits.indexOf(cells, cellId)];
  const below = cells[edits.indexOf(cells, cellId) + 1];
  edit(app, (all) => edits.mergeBelow(all, cellId));
  if (cell !== undefined && below !== undefined) {
    const by = cell.source.split("\n").length;
    changeBreakpoints(app, (all) =>
      all.map((breakpoint) =>
        breakpoint.place.kind === "cell" && breakpoint.place.cellId === below.id
          ? { ...breakpoint, place: { kind: "cell", cellId }, line: breakpoint.line + by }
          : breakpoint,
      ),
    );
  }
}

export function setType(app: App, cellId: string, type: CellType): void {
  edit(app, (cells) => edits.setType(cells, cellId, type));
}

export function clearOutputs(app: App): void {
  edit(app, (cells) =>
    cells.map((cell) => (cell.outputs.length > 0 ? { ...cell, outputs: [] } : cell)),
  );
}

export function undoEdit(app: App): void {
  changeFile(app, (file) => ({ ...file, ...edits.undo(file.cells, file.history) }));
  keepSelection(app);
}

export function redoEdit(app: App): void {
  changeFile(app, (file) => ({ ...file, ...edits.redo(file.cells, file.history) }));
  keepSelection(app);
}

function keepSelection(app: App): void {
  const cells = cellsOf(app);
  const { selected } = app.store.get().ui;
  if (!cells.some((cell) => cell.id === selected)) {
    changeUi(app, { selected: cells[0]?.id });
  }
}

/** The cell above or below; undefined at the end. */
export function neighbour(app: App, cellId: string | undefined, by: 1 | -1): string | undefined {
  const cells = cellsOf(app);
  const at = cellId === undefined ? -1 : edits.indexOf(cells, cellId);
  return cells[at + by]?.id;
}
