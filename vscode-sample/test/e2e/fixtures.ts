// SPDX-License-Identifier: BSD-3-Clause
// Notebooks and programs that the tests write into their folder.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes a notebook of code cells; their ids are c0, c1, … */
export function notebook(
  folder: string,
  name: string,
  cells: readonly string[],
): void {
  const lines = (text: string): string[] =>
    text.split(/(?<=\n)/).filter(Boolean);
  const content = {
    cells: cells.map((text, i) => ({
      cell_type: "code",
      id: `c${String(i)}`,
      metadata: {},
      outputs: [],
      execution_count: null,
      source: lines(text),
    })),
    metadata: { language_info: { name: "python" } },
    nbformat: 4,
    nbformat_minor: 5,
  };
  writeFileSync(join(folder, name), JSON.stringify(content, null, 1));
}

/** Writes a text file. */
export function file(folder: string, name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}
