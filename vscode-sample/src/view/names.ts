// SPDX-License-Identifier: BSD-3-Clause
// Names and expressions in a line of Python, well enough for hovers and inline values.

/** A name at its place; lines and columns from 0. */
export interface Name {
  readonly line: number;
  readonly start: number;
  readonly name: string;
}

const KEYWORDS = new Set(
  (
    "False None True and as assert async await break case class continue def del elif else except finally for " +
    "from global if import in is lambda match nonlocal not or pass raise return try while with yield self cls print"
  ).split(" "),
);

const NAME = /(?<![\w.])[A-Za-z_]\w*(?!\w*\s*\()/g;

/** The line with what is in strings and comments blanked. */
function bare(line: string): string {
  return line.replace(/#.*$|("|')(?:\\.|(?!\1).)*\1?/g, (text) =>
    " ".repeat(text.length),
  );
}

function indent(line: string): number {
  return line.trim() === "" ? Infinity : line.search(/\S/);
}

/** The first line of the function around a line, else 0. */
function scopeStart(lines: readonly string[], stopped: number): number {
  let depth = indent(lines[stopped] ?? "");
  for (let at = stopped; at >= 0; at--) {
    const line = lines[at] ?? "";
    const here = indent(line);
    if (here < depth) {
      depth = here;
      if (/^\s*(async\s+)?def\b/.test(line)) {
        return at;
      }
    }
  }
  return 0;
}

/** Each name once a line, from the function's start to the line that is stopped. */
export function namesIn(lines: readonly string[], stopped: number): Name[] {
  const found: Name[] = [];
  for (let line = scopeStart(lines, stopped); line <= stopped; line++) {
    const seen = new Set<string>();
    for (const match of bare(lines[line] ?? "").matchAll(NAME)) {
      const [name] = match;
      if (!KEYWORDS.has(name) && !seen.has(name)) {
        seen.add(name);
        found.push({ line, start: match.index, name });
      }
    }
  }
  return found;
}

/** The dotted name that a column is in; what is right of it is left out. */
export function expressionAt(
  line: string,
  column: number,
): { start: number; text: string } | undefined {
  const text = bare(line);
  for (const match of text.matchAll(/[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*/g)) {
    const start = match.index;
    const end = start + match[0].length;
    if (column < start || column > end) {
      continue;
    }
    const rest = /^\w*/.exec(text.slice(column))?.[0] ?? "";
    const shown = text.slice(start, column + rest.length);
    return KEYWORDS.has(shown) && shown !== "self" && shown !== "cls"
      ? undefined
      : { start, text: shown };
  }
  return undefined;
}
