// SPDX-License-Identifier: BSD-3-Clause
// A notebook in memory, from and to the text of its file. What is not understood is kept.
import { isJson, isStrings, type Json, text } from "../protocol/guards.ts";
import type { Output } from "./outputs.ts";

export type CellType = "code" | "markdown" | "raw";

export interface Cell {
  /** The nbformat id; made where the file has none (then it is not written). */
  readonly id: string;
  readonly type: CellType;
  readonly source: string;
  readonly outputs: readonly Output[];
  readonly executionCount: number | null;
  /** Every other member of the cell: metadata, attachments, what is not known. */
  readonly rest: Json;
}

export type FileFormat = "ipynb" | "percent" | "plain";

export interface Notebook {
  readonly format: FileFormat;
  readonly cells: readonly Cell[];
  /** Every member of the file but the cells. */
  readonly rest: Json;
  readonly indent: string;
  readonly finalNewline: boolean;
}

/** The file is no notebook; the text says what is wrong with it. */
export class NotebookError extends Error {}

/** nbformat's multiline string: a string or a list of lines. */
export function joined(value: unknown): string {
  if (typeof value === "string") {
    return value;
  }
  return isStrings(value) ? value.join("") : "";
}

/** The other way: a list of lines, as every notebook tool writes it. */
export function lines(source: string): string[] {
  return source === "" ? [] : source.split(/(?<=\n)/);
}

export function newId(): string {
  return crypto.randomUUID().slice(0, 8);
}

function cellType(value: unknown): CellType {
  return value === "markdown" || value === "raw" ? value : "code";
}

function without(object: Json, ...keys: readonly string[]): Json {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

function readCell(value: unknown, index: number, seen: Set<string>): Cell {
  if (!isJson(value)) {
    throw new NotebookError(`cell ${index} is no object`);
  }
  const named = text(value, "id");
  const id = named === undefined || named === "" || seen.has(named) ? `idx-${index}` : named;
  seen.add(id);
  const outputs = Array.isArray(value["outputs"]) ? value["outputs"].filter(isJson) : [];
  const count = value["execution_count"];
  return {
    id,
    type: cellType(value["cell_type"]),
    source: joined(value["source"]),
    outputs: outputs.map((data) => ({ data })),
    executionCount: typeof count === "number" ? count : null,
    rest: without(value, "id", "cell_type", "source", "outputs", "execution_count"),
  };
}

export function parseNotebook(content: string): Notebook {
  let file: unknown;
  try {
    file = JSON.parse(content);
  } catch (error) {
    throw new NotebookError(`it is not JSON: ${error instanceof Error ? error.message : "?"}`);
  }
  if (!isJson(file) || !Array.isArray(file["cells"])) {
    throw new NotebookError("it has no list of cells; notebooks of nbformat 4 have one");
  }
  const seen = new Set<string>();
  return {
    format: "ipynb",
    cells: file["cells"].map((cell, index) => readCell(cell, index, seen)),
    rest: without(file, "cells"),
    indent: /^\{\r?\n([ \t]+)/.exec(content)?.[1] ?? " ",
    finalNewline: content.endsWith("\n"),
  };
}

/** A multiline mime value as lines; others, and JSON, as they are. */
function fileOutput(output: Output): Json {
  const { data } = output;
  const value = data["text"];
  return typeof value === "string" ? { ...data, text: lines(value) } : data;
}

function writeCell(cell: Cell, withId: boolean): Json {
  const id = withId ? { id: cell.id } : {};
  const code =
    cell.type === "code"
      ? { execution_count: cell.executionCount, outputs: cell.outputs.map(fileOutput) }
      : {};
  const all: Json = {
    metadata: {},
    ...cell.rest,
    ...id,
    ...code,
    cell_type: cell.type,
    source: lines(cell.source),
  };
  // members in nbformat's order, which is the alphabet's
  return Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function writesIds(rest: Json): boolean {
  const minor = rest["nbformat_minor"];
  return typeof minor === "number" && minor >= 5;
}

export function writeNotebook(notebook: Notebook): string {
  const cells = notebook.cells.map((cell) => writeCell(cell, writesIds(notebook.rest)));
  const content = JSON.stringify({ cells, ...notebook.rest }, null, notebook.indent);
  return notebook.finalNewline ? `${content}\n` : content;
}

export function emptyNotebook(): Notebook {
  const cell: Cell = {
    id: newId(),
    type: "code",
    source: "",
    outputs: [],
    executionCount: null,
    rest: { metadata: {} },
  };
  const rest = { metadata: {}, nbformat: 4, nbformat_minor: 5 };
  return { format: "ipynb", cells: [cell], rest, indent: " ", finalNewline: true };
}
