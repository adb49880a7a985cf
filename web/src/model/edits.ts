// SPDX-License-Identifier: BSD-3-Clause
// Edits of the list of cells, each a function from a list to a list, and their undo. Typing is not
// here: the editor undoes that.
import { type Cell, type CellType, newId } from "./notebook.ts";

export type Cells = readonly Cell[];

export function newCell(type: CellType, source = ""): Cell {
  return { id: newId(), type, source, outputs: [], executionCount: null, rest: { metadata: {} } };
}

export function indexOf(cells: Cells, id: string): number {
  return cells.findIndex((cell) => cell.id === id);
}

export function insertAt(cells: Cells, index: number, cell: Cell): Cells {
  return [...cells.slice(0, index), cell, ...cells.slice(index)];
}

/** A notebook has at least one cell. */
export function remove(cells: Cells, id: string): Cells {
  const left = cells.filter((cell) => cell.id !== id);
  return left.length > 0 ? left : [newCell("code")];
}

export function move(cells: Cells, id: string, by: 1 | -1): Cells {
  const at = indexOf(cells, id);
  const to = at + by;
  const cell = cells[at];
  if (cell === undefined || to < 0 || to >= cells.length) {
    return cells;
  }
  return insertAt(
    cells.filter((other) => other.id !== id),
    to,
    cell,
  );
}

/** The cell ends before `offset`; what follows becomes a new cell below. */
export function split(cells: Cells, id: string, offset: number): Cells {
  const at = indexOf(cells, id);
  const cell = cells[at];
  if (cell === undefined) {
    return cells;
  }
  const above = { ...cell, source: cell.source.slice(0, offset).replace(/\n$/, "") };
  const below = newCell(cell.type, cell.source.slice(offset).replace(/^\n/, ""));
  return [...cells.slice(0, at), above, below, ...cells.slice(at + 1)];
}

/** The cell takes in the one below it. */
export function mergeBelow(cells: Cells, id: string): Cells {
  const at = indexOf(cells, id);
  const cell = cells[at];
  const below = cells[at + 1];
  if (cell === undefined || below === undefined) {
    return cells;
  }
  const merged = { ...cell, source: `${cell.source}\n${below.source}` };
  return [...cells.slice(0, at), merged, ...cells.slice(at + 2)];
}

export function change(cells: Cells, id: string, parts: Partial<Cell>): Cells {
  return cells.map((cell) => (cell.id === id ? { ...cell, ...parts } : cell));
}

export function setType(cells: Cells, id: string, type: CellType): Cells {
  return change(cells, id, { type, outputs: [], executionCount: null });
}

interface Step {
  readonly before: Cells;
  readonly after: Cells;
}

/** What can be undone and done again. */
export interface EditHistory {
  readonly undo: readonly Step[];
  readonly redo: readonly Step[];
}

export const noHistory: EditHistory = { undo: [], redo: [] };

const KEPT = 100;

export function remember(history: EditHistory, before: Cells, after: Cells): EditHistory {
  return { undo: [...history.undo, { before, after }].slice(-KEPT), redo: [] };
}

/** Back to `to`, but cells that the step left alone stay as they are now. */
function goBack(now: Cells, from: Cells, to: Cells): Cells {
  const current = new Map(now.map((cell) => [cell.id, cell]));
  const untouched = new Set(from);
  return to.map((cell) => (untouched.has(cell) ? (current.get(cell.id) ?? cell) : cell));
}

export interface Undone {
  readonly cells: Cells;
  readonly history: EditHistory;
}

export function undo(now: Cells, history: EditHistory): Undone {
  const step = history.undo.at(-1);
  if (step === undefined) {
    return { cells: now, history };
  }
  const cells = goBack(now, step.after, step.before);
  return { cells, history: { undo: history.undo.slice(0, -1), redo: [...history.redo, step] } };
}

export function redo(now: Cells, history: EditHistory): Undone {
  const step = history.redo.at(-1);
  if (step === undefined) {
    return { cells: now, history };
  }
  const cells = goBack(now, step.before, step.after);
  return { cells, history: { undo: [...history.undo, step], redo: history.redo.slice(0, -1) } };
}
