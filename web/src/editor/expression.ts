// SPDX-License-Identifier: BSD-3-Clause
// The expression under the mouse: a name with what is before it in its chain of attributes.

export interface Expression {
  readonly expression: string;
  /** Columns, from 1; `end` is behind the last character. */
  readonly begin: number;
  readonly end: number;
}

const CHAIN = /[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)*/g;
const WORDS = new Set(
  (
    "and as assert async await break class continue def del elif else except finally for from " +
    "global if import in is lambda nonlocal not or pass raise return try while with yield"
  ).split(" "),
);

/** The chain up to and with the name at `column`; nothing in strings, comments and keywords. */
export function expressionAt(line: string, column: number): Expression | undefined {
  const hidden = line.replace(/("|')(?:\\.|(?!\1).)*\1|#.*$/g, (text) => " ".repeat(text.length));
  for (const match of hidden.matchAll(CHAIN)) {
    const begin = match.index + 1;
    const end = begin + match[0].length;
    if (column >= begin && column <= end && !/[\w"']/.test(hidden[match.index - 1] ?? " ")) {
      const rest = /^\w*/.exec(hidden.slice(column - 1))?.[0] ?? "";
      const expression = hidden.slice(begin - 1, column - 1 + rest.length).trim();
      const complete = expression.replace(/\.\s*$/, "");
      return WORDS.has(complete) || complete === ""
        ? undefined
        : { expression: complete, begin, end: begin + complete.length };
    }
  }
  return undefined;
}
