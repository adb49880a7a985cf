// SPDX-License-Identifier: BSD-3-Clause
// What a command is, and what the commands on cells share.
import { focusCell } from "../editor/focus.ts";
import type { State } from "../model/state.ts";
import { type App, changeUi } from "../session/app.ts";

export interface Command {
  readonly id: string;
  readonly title: string;
  readonly icon: string;
  /** As KeyboardEvent says it, with Ctrl+, Shift+ and Alt+ before it. */
  readonly keys: readonly string[];
  /** Keys that count only while no text is edited. */
  readonly commandKeys?: readonly string[];
  readonly when?: (state: State) => boolean;
  readonly run: (app: App) => unknown;
}

export const hasFile = (state: State): boolean => state.file !== undefined;
export const hasCell = (state: State): boolean => hasFile(state) && state.ui.selected !== undefined;
export const isWalking = (state: State): boolean => hasCell(state) && !state.ui.editing;

/** An action on the selected cell. */
export function withCell(action: (app: App, cellId: string) => unknown): (app: App) => unknown {
  return (app) => {
    const { selected } = app.store.get().ui;
    return selected === undefined ? undefined : action(app, selected);
  };
}

export function cellIds(app: App): readonly string[] {
  return app.store.get().file?.cells.map((cell) => cell.id) ?? [];
}

export function select(app: App, cellId: string | undefined, editing = false): void {
  if (cellId !== undefined) {
    changeUi(app, { selected: cellId, editing });
    focusCell(cellId, editing);
  }
}
