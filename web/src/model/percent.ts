// SPDX-License-Identifier: BSD-3-Clause
// Percent-format and plain Python files as notebooks (contracts: text before the first marker is a
// cell of its own). A file that is not edited is written back byte for byte.
import type { Cell, CellType, Notebook } from "./notebook.ts";

const MARKER = /^# ?%%(.*)$/;

function typeOf(marker: string): CellType {
  if (/\[(markdown|md)\]/.test(marker)) {
    return "markdown";
  }
  return marker.includes("[raw]") ? "raw" : "code";
}

function makeCell(index: number, marker: string | undefined, body: readonly string[]): Cell {
  const type = marker === undefined ? "code" : typeOf(marker);
  const trailing = body.length - [...body].reverse().findIndex((line) => line !== "");
  const kept = body.every((line) => line === "") ? 0 : trailing;
  const source = body.slice(0, kept);
  return {
    id: `idx-${index}`,
    type,
    source: (type === "code" ? source : source.map(uncomment)).join("\n"),
    outputs: [],
    executionCount: null,
    rest: { marker, blank: body.length - kept, original: body.slice(0, kept).join("\n") },
  };
}

function uncomment(line: string): string {
  return line.replace(/^# ?/, "");
}

export function hasMarkers(content: string): boolean {
  return content.split("\n").some((line) => MARKER.test(line));
}

/** A `.py` file: its cells where it has markers, else one cell. */
export function parsePython(content: string): Notebook {
  const percent = hasMarkers(content);
  const cells: Cell[] = [];
  let marker: string | undefined;
  let body: string[] = [];
  const finish = (): void => {
    if (marker !== undefined || body.length > 0) {
      cells.push(makeCell(cells.length, marker, body));
    }
  };
  for (const line of content === "" ? [] : content.split("\n")) {
    if (percent && MARKER.test(line)) {
      finish();
      marker = line;
      body = [];
    } else {
      body.push(line);
    }
  }
  finish();
  const format = percent ? "percent" : "plain";
  return {
    format,
    cells: cells.length > 0 ? cells : [makeCell(0, undefined, [])],
    rest: {},
    indent: "",
    finalNewline: content.endsWith("\n"),
  };
}

const MARKER_OF = { code: "# %%", markdown: "# %% [markdown]", raw: "# %% [raw]" } as const;

function markerOf(cell: Cell, index: number): string | undefined {
  const { marker } = cell.rest;
  if (typeof marker === "string" && typeOf(marker) === cell.type) {
    return marker;
  }
  return index === 0 && cell.type === "code" ? undefined : MARKER_OF[cell.type];
}

function comment(line: string): string {
  return line === "" ? "#" : `# ${line}`;
}

function bodyOf(cell: Cell): string {
  const { original } = cell.rest;
  if (cell.type === "code") {
    return cell.source;
  }
  if (
    typeof original === "string" &&
    original.split("\n").map(uncomment).join("\n") === cell.source
  ) {
    return original;
  }
  return cell.source.split("\n").map(comment).join("\n");
}

function linesOf(cell: Cell, marker: string | undefined): string[] {
  const { blank } = cell.rest;
  const gap = typeof blank === "number" ? blank : 1;
  const body = cell.source === "" ? [] : [bodyOf(cell)];
  return [...(marker === undefined ? [] : [marker]), ...body, ...Array<string>(gap).fill("")];
}

/** The text of the file, the way back of parsePython. */
export function writePython(notebook: Notebook): string {
  const plain = notebook.format === "plain" && notebook.cells.length === 1;
  return notebook.cells
    .flatMap((cell, index) => linesOf(cell, plain ? undefined : markerOf(cell, index)))
    .join("\n");
}
