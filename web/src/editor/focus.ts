// SPDX-License-Identifier: BSD-3-Clause
// Which editor is on which cell now, and where its cursor is.
import type { App } from "../session/app.ts";
import type { Place } from "../model/breakpoints.ts";
import { cursorPlace } from "./attach.ts";
import { cellIdOfModel } from "./models.ts";
import type { editor } from "./monaco.ts";

const mounted = new Map<string, editor.IStandaloneCodeEditor>();
/** The cell that wants the cursor as soon as it has an editor. */
let wanted: string | undefined;
let last: editor.IStandaloneCodeEditor | undefined;

export function mount(cellId: string, codeEditor: editor.IStandaloneCodeEditor): () => void {
  mounted.set(cellId, codeEditor);
  if (wanted === cellId) {
    wanted = undefined;
    codeEditor.focus();
  }
  return () => mounted.delete(cellId);
}

export function focused(codeEditor: editor.IStandaloneCodeEditor): void {
  last = codeEditor;
}

export function cellElement(cellId: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[data-cell="${CSS.escape(cellId)}"]`);
}

/** The cursor into the cell's editor, or the focus onto the cell itself. */
export function focusCell(cellId: string, editing: boolean): void {
  const codeEditor = mounted.get(cellId);
  if (!editing) {
    wanted = undefined;
    requestAnimationFrame(() => cellElement(cellId)?.focus({ preventScroll: true }));
  } else if (codeEditor === undefined) {
    wanted = cellId;
  } else {
    codeEditor.focus();
  }
}

/** The place and line of the cursor in the editor that had it last. */
export function cursor(app: App): { place: Place; line: number; column: number } | undefined {
  const model = last?.getModel();
  if (last === undefined || model === null || model === undefined) {
    return undefined;
  }
  return cursorPlace(app.store.get(), last, cellIdOfModel(model));
}

/** The cursor's place in the text of its cell. */
export function cursorOffset(): number {
  const position = last?.getPosition();
  const model = last?.getModel();
  return position && model ? model.getOffsetAt(position) : 0;
}
