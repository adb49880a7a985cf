// SPDX-License-Identifier: BSD-3-Clause
// An editor on a cell or a source: its marks follow the store, its margin sets breakpoints, and
// breakpoints follow the lines that are typed.
import * as list from "../model/breakpoints.ts";
import type { Breakpoints, Place } from "../model/breakpoints.ts";
import type { State } from "../model/state.ts";
import { type App, changeUi } from "../session/app.ts";
import { changeBreakpoints } from "../session/breakpoints.ts";
import { cellUri } from "../session/places.ts";
import { breakpointMark, frameMarks, functionBegin, isFrameAt, valueMarks } from "./marks.ts";
import { editor, type IDisposable } from "./monaco.ts";

type CodeEditor = editor.IStandaloneCodeEditor;

/** The parts of the state that marks are made of. */
interface Shown {
  readonly breakpoints: State["breakpoints"];
  readonly debug: State["debug"];
}

export class Attachment {
  private readonly app: App;
  private readonly editor: CodeEditor;
  private readonly place: Place;
  private readonly dots: editor.IEditorDecorationsCollection;
  private readonly lines: editor.IEditorDecorationsCollection;
  private readonly undo: (() => void)[] = [];
  private marked: Breakpoints = [];
  private shown: Shown | undefined;

  constructor(app: App, codeEditor: CodeEditor, place: Place) {
    this.app = app;
    this.editor = codeEditor;
    this.place = place;
    this.dots = codeEditor.createDecorationsCollection();
    this.lines = codeEditor.createDecorationsCollection();
    this.undo.push(app.store.subscribe(() => this.draw()));
    this.own(codeEditor.onMouseDown((event) => this.onMouseDown(event)));
    this.own(codeEditor.onDidChangeModelContent(() => this.followLines()));
    this.draw();
  }

  dispose(): void {
    this.undo.forEach((each) => each());
    this.dots.clear();
    this.lines.clear();
  }

  private own(disposable: IDisposable): void {
    this.undo.push(() => disposable.dispose());
  }

  private draw(): void {
    const state = this.app.store.get();
    const { breakpoints, debug } = state;
    if (this.shown?.breakpoints !== breakpoints) {
      this.marked = list.at(breakpoints, this.place);
      this.dots.set(this.marked.map(breakpointMark));
    }
    if (this.shown?.debug !== debug) {
      this.lines.set(this.lineMarks(state));
      this.reveal(state);
    }
    this.shown = { breakpoints, debug };
  }

  private lineMarks(state: State): editor.IModelDeltaDecoration[] {
    const model = this.editor.getModel();
    const frames = frameMarks(state, (key) => key === this.key(state));
    if (model === null || !isFrameAt(state, this.place)) {
      return [...frames];
    }
    const count = model.getLineCount();
    const text = (line: number): string => (line <= count ? model.getLineContent(line) : "");
    const begin = functionBegin(state.debug.frame?.line ?? 1, text);
    return [...frames, ...valueMarks(state, text, begin)];
  }

  private key(state: State): string {
    return this.place.kind === "cell"
      ? cellUri(state.file?.absolute ?? "", this.place.cellId)
      : this.place.path;
  }

  /** A source scrolls by itself; a cell is scrolled to by the notebook. */
  private reveal(state: State): void {
    const { frame } = state.debug;
    const isNew = frame !== this.shown?.debug.frame;
    if (
      frame !== undefined &&
      isNew &&
      this.place.kind === "source" &&
      isFrameAt(state, this.place)
    ) {
      this.editor.revealLineInCenterIfOutsideViewport(frame.line);
    }
  }

  private onMouseDown(event: editor.IEditorMouseEvent): void {
    const { type, position } = event.target;
    const inMargin =
      type === editor.MouseTargetType.GUTTER_GLYPH_MARGIN ||
      type === editor.MouseTargetType.GUTTER_LINE_NUMBERS;
    if (!inMargin) {
      return;
    }
    if (event.event.rightButton) {
      editBreakpoint(this.app, this.place, position.lineNumber);
    } else {
      changeBreakpoints(this.app, (all) => list.toggle(all, this.place, position.lineNumber));
    }
  }

  /** What was typed moved the dots: the list moves with them. */
  private followLines(): void {
    const lines = new Map(
      this.marked.map((breakpoint, index) => [
        breakpoint.key,
        this.dots.getRange(index)?.startLineNumber,
      ]),
    );
    const moved = this.marked.some((breakpoint) => lines.get(breakpoint.key) !== breakpoint.line);
    if (moved) {
      changeBreakpoints(this.app, (all) =>
        list.moveLines(all, this.place, ({ key }) => lines.get(key)),
      );
    }
  }
}

/** Opens the form for the breakpoint on a line; makes one where there is none. */
export function editBreakpoint(app: App, place: Place, line: number): void {
  const [known] = list.onLine(app.store.get().breakpoints, place, line);
  const breakpoint = known ?? list.newBreakpoint(place, line);
  if (known === undefined) {
    changeBreakpoints(app, (all) => [...all, breakpoint]);
  }
  changeUi(app, { dialog: { kind: "breakpoint", key: breakpoint.key } });
}

/** Where the cursor is, for the commands that ask. */
export function cursorPlace(
  state: State,
  codeEditor: CodeEditor,
  cellId: string | undefined,
): { place: Place; line: number; column: number } | undefined {
  const position = codeEditor.getPosition();
  const place: Place | undefined =
    cellId !== undefined
      ? { kind: "cell", cellId }
      : state.source?.path === undefined
        ? undefined
        : { kind: "source", path: state.source.path };
  return position === null || place === undefined
    ? undefined
    : { place, line: position.lineNumber, column: position.column };
}
