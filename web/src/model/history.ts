// SPDX-License-Identifier: BSD-3-Clause
// What was typed before, walked with the arrow keys; the line being typed is not lost meanwhile.

export interface History {
  readonly lines: readonly string[];
  /** Which one is shown; as long as `lines`: the draft. */
  readonly at: number;
  readonly draft: string;
}

const KEPT = 500;

export const emptyHistory: History = { lines: [], at: 0, draft: "" };

export function remember({ lines }: History, line: string): History {
  const all = lines.at(-1) === line ? lines : [...lines, line].slice(-KEPT);
  return { lines: all, at: all.length, draft: "" };
}

export interface Walked {
  readonly history: History;
  readonly text: string;
}

/** One line back (-1) or forth (1) from `now`, which is in the field. */
export function walk(history: History, by: 1 | -1, now: string): Walked {
  const { lines, at } = history;
  const draft = at === lines.length ? now : history.draft;
  const next = Math.max(0, Math.min(lines.length, at + by));
  const text = next === lines.length ? draft : (lines[next] ?? "");
  return { history: { lines, at: next, draft }, text };
}
