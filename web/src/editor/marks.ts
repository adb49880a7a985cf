// SPDX-License-Identifier: BSD-3-Clause
// What an editor shows of the debugger: dots in the margin, marks in the line, the current line,
// and values at line ends. Pure: from the state to decorations.
import { type Breakpoint, describe, kindOf, type Place } from "../model/breakpoints.ts";
import type { State } from "../model/state.ts";
import { cellIdOf } from "../session/places.ts";
import { sourceKey } from "../session/frames.ts";
import { editor, Range } from "./monaco.ts";

type Decoration = editor.IModelDeltaDecoration;

const STAYS = editor.TrackedRangeStickiness.NeverGrowsWhenTypingAtEdges;

function dotClass(breakpoint: Breakpoint): string {
  const { enabled, answer } = breakpoint;
  const state = !enabled ? "disabled" : answer?.verified === false ? "unverified" : "set";
  return `dot dot-${kindOf(breakpoint)} dot-${state}`;
}

function title(breakpoint: Breakpoint): string {
  const words = [
    breakpoint.enabled ? kindOf(breakpoint) : `disabled ${kindOf(breakpoint)}`,
    describe(breakpoint),
    breakpoint.answer?.message ?? "",
  ];
  return words.filter((word) => word !== "").join(": ");
}

export function breakpointMark(breakpoint: Breakpoint): Decoration {
  const { line, column } = breakpoint;
  const hoverMessage = { value: title(breakpoint) };
  if (column === undefined) {
    return {
      range: new Range(line, 1, line, 1),
      options: {
        stickiness: STAYS,
        glyphMarginClassName: dotClass(breakpoint),
        glyphMarginHoverMessage: hoverMessage,
      },
    };
  }
  return {
    range: new Range(line, column, line, column),
    options: {
      stickiness: STAYS,
      before: {
        content: " ",
        inlineClassName: `inline-dot ${dotClass(breakpoint)}`,
        inlineClassNameAffectsLetterSpacing: true,
      },
      showIfCollapsed: true,
    },
  };
}

/** The frames of the stopped thread that are at this place. */
export function frameMarks(state: State, isHere: (key: string) => boolean): readonly Decoration[] {
  const { stop, frame, frames } = state.debug;
  if (stop === undefined) {
    return [];
  }
  const all = frames.get(stop.threadId)?.frames ?? [];
  return all.flatMap((other, index) => {
    const key = other.source === undefined ? "" : sourceKey(other.source);
    const shown = index === 0 || other.id === frame?.id;
    if (!shown || !isHere(key)) {
      return [];
    }
    const name = index === 0 ? "current" : "caller";
    const text = index === 0 ? stop.title : `frame ${other.name}`;
    return [
      {
        range: new Range(other.line, 1, other.line, 1),
        options: {
          isWholeLine: true,
          className: `line-${name}`,
          glyphMarginClassName: `arrow arrow-${name} codicon codicon-debug-stackframe`,
          glyphMarginHoverMessage: { value: text },
        },
      },
    ];
  });
}

const NAME = /[A-Za-z_]\w*/g;
const SHOWN = 60;

function clipped(value: string): string {
  const flat = value.replace(/\s+/g, " ");
  return flat.length > SHOWN ? `${flat.slice(0, SHOWN)}…` : flat;
}

function valuesOnLine(text: string, values: ReadonlyMap<string, string>): string {
  const code = text.replace(/#.*$/, "").replace(/(["']).*?\1/g, "");
  const names = [...new Set(code.match(NAME) ?? [])].filter((name) => values.has(name));
  return names.map((name) => `${name} = ${clipped(values.get(name) ?? "")}`).join(", ");
}

/** Values of the frame's names at the ends of the lines up to where it stands. */
export function valueMarks(
  state: State,
  lineText: (line: number) => string,
  firstLine: number,
): readonly Decoration[] {
  const { frame, values, stop } = state.debug;
  if (frame === undefined || stop === undefined) {
    return [];
  }
  const marks: Decoration[] = [];
  for (let line = firstLine; line <= frame.line; line++) {
    const text = lineText(line);
    const shown = valuesOnLine(text, values);
    if (shown !== "") {
      const end = text.length + 1;
      marks.push({
        range: new Range(line, end, line, end),
        options: {
          after: { content: `  ${shown}`, inlineClassName: "inline-value" },
          showIfCollapsed: true,
        },
      });
    }
  }
  return marks;
}

/** The first line of the function that the frame is in, by its indentation. */
export function functionBegin(line: number, lineText: (line: number) => string): number {
  const indent = (text: string): number => text.length - text.trimStart().length;
  const own = indent(lineText(line));
  for (let at = line; at >= 1; at--) {
    const text = lineText(at);
    if (/^\s*(async\s+)?def\s/.test(text) && (indent(text) < own || at === line)) {
      return at;
    }
  }
  return 1;
}

/** Whether a frame's source is this place. */
export function isFrameAt(state: State, place: Place): boolean {
  const { source } = state.debug.frame ?? {};
  return place.kind === "cell"
    ? cellIdOf(source) === place.cellId
    : source !== undefined && sourceKey(source) === place.path;
}
