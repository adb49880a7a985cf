// SPDX-License-Identifier: BSD-3-Clause
// The breakpoints of the page: a list, where each one is, and what the adapter said of it.
import type { DebugProtocol } from "@vscode/debugprotocol";
import { isJson } from "../protocol/guards.ts";

/** Where breakpoints are: a cell by its id, or a source file. */
export type Place =
  | { readonly kind: "cell"; readonly cellId: string }
  | { readonly kind: "source"; readonly path: string };

/** What a user says of a breakpoint. */
export interface BreakpointRules {
  readonly condition?: string;
  readonly hitCondition?: string;
  readonly logMessage?: string;
}

export interface Breakpoint {
  readonly key: string;
  readonly place: Place;
  readonly line: number;
  readonly column?: number;
  readonly enabled: boolean;
  readonly rules: BreakpointRules;
  /** What the adapter answered, while it knows this breakpoint. */
  readonly answer?: Answer;
}

export interface Answer {
  readonly id?: number;
  readonly verified: boolean;
  readonly message?: string;
}

export type Breakpoints = readonly Breakpoint[];

export function samePlace(a: Place, b: Place): boolean {
  return placeKey(a) === placeKey(b);
}

export function placeKey(place: Place): string {
  return place.kind === "cell" ? `cell:${place.cellId}` : `source:${place.path}`;
}

export function at(all: Breakpoints, place: Place): Breakpoints {
  return all.filter((breakpoint) => samePlace(breakpoint.place, place));
}

export function onLine(all: Breakpoints, place: Place, line: number): Breakpoints {
  return at(all, place).filter((breakpoint) => breakpoint.line === line);
}

export function newBreakpoint(place: Place, line: number, column?: number): Breakpoint {
  const base = { key: crypto.randomUUID(), place, line, enabled: true, rules: {} };
  return column === undefined ? base : { ...base, column };
}

/** A click in the margin: removes what is on the line, else sets one. */
export function toggle(all: Breakpoints, place: Place, line: number): Breakpoints {
  const there = new Set(onLine(all, place, line));
  return there.size > 0
    ? all.filter((breakpoint) => !there.has(breakpoint))
    : [...all, newBreakpoint(place, line)];
}

export function changeOne(
  all: Breakpoints,
  key: string,
  parts: Partial<Omit<Breakpoint, "key">>,
): Breakpoints {
  return all.map((breakpoint) =>
    breakpoint.key === key ? { ...breakpoint, ...parts } : breakpoint,
  );
}

/** The editor moved the lines of one place; undefined where its line is gone. */
export function moveLines(
  all: Breakpoints,
  place: Place,
  lineOf: (breakpoint: Breakpoint) => number | undefined,
): Breakpoints {
  return all.flatMap((breakpoint) => {
    if (!samePlace(breakpoint.place, place)) {
      return [breakpoint];
    }
    const line = lineOf(breakpoint);
    return line === undefined
      ? []
      : [line === breakpoint.line ? breakpoint : { ...breakpoint, line }];
  });
}

/** The cell was split before `line`: what is below moves into the new cell. */
export function splitLines(
  all: Breakpoints,
  cellId: string,
  line: number,
  newCellId: string,
): Breakpoints {
  return all.map((breakpoint) =>
    breakpoint.place.kind === "cell" &&
    breakpoint.place.cellId === cellId &&
    breakpoint.line >= line
      ? {
          ...breakpoint,
          place: { kind: "cell", cellId: newCellId },
          line: breakpoint.line - line + 1,
        }
      : breakpoint,
  );
}

/** What setBreakpoints sends: the enabled ones, in the order in which the answers will come. */
export function toSend(all: Breakpoints, place: Place): Breakpoints {
  return at(all, place).filter((breakpoint) => breakpoint.enabled);
}

export function toProtocol(breakpoint: Breakpoint): DebugProtocol.SourceBreakpoint {
  const { line, column, rules } = breakpoint;
  return { line, ...(column === undefined ? {} : { column }), ...rules };
}

export function answerOf(from: DebugProtocol.Breakpoint): Answer {
  return {
    verified: from.verified,
    ...(from.id === undefined ? {} : { id: from.id }),
    ...(from.message === undefined ? {} : { message: from.message }),
  };
}

/** What kind of dot it is, for its picture and its name in words. */
export function kindOf(breakpoint: Breakpoint): "breakpoint" | "conditional" | "logpoint" {
  if (breakpoint.rules.logMessage !== undefined) {
    return "logpoint";
  }
  const { condition, hitCondition } = breakpoint.rules;
  return condition === undefined && hitCondition === undefined ? "breakpoint" : "conditional";
}

/** One sentence of what it does. */
export function describe(breakpoint: Breakpoint): string {
  const { condition, hitCondition, logMessage } = breakpoint.rules;
  const words = [
    logMessage === undefined ? "" : `logs "${logMessage}"`,
    condition === undefined ? "" : `if ${condition}`,
    hitCondition === undefined ? "" : `hit ${hitCondition}`,
  ];
  return words.filter((word) => word !== "").join(", ");
}

function isStored(value: unknown): value is Breakpoint {
  return (
    isJson(value) &&
    typeof value["key"] === "string" &&
    typeof value["line"] === "number" &&
    isJson(value["place"]) &&
    isJson(value["rules"])
  );
}

/** What the browser keeps between visits; without the adapter's answers. */
export function store(all: Breakpoints): string {
  return JSON.stringify(all.map((breakpoint) => ({ ...breakpoint, answer: undefined })));
}

export function restore(stored: string | null): Breakpoints {
  try {
    const list: unknown = JSON.parse(stored ?? "[]");
    return Array.isArray(list) ? list.filter(isStored) : [];
  } catch {
    return [];
  }
}
