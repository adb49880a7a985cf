// SPDX-License-Identifier: BSD-3-Clause
// The URIs by which the page names its cells, and the way back from a frame's source.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Place } from "../model/breakpoints.ts";
import type { Cell } from "../model/notebook.ts";
import type { State } from "../model/state.ts";
import { type App, sessionOf } from "./app.ts";

const SCHEME = "celldap-cell:";

export function cellUri(absolute: string, cellId: string): string {
  return `${SCHEME}${absolute}#${cellId}`;
}

export function cellOfUri(uri: string): string | undefined {
  return uri.startsWith(SCHEME) ? uri.slice(uri.lastIndexOf("#") + 1) : undefined;
}

/** The cell whose text a source is, where it is one of this notebook's as it stands. */
export function cellIdOf(source: DebugProtocol.Source | undefined): string | undefined {
  return source?.path === undefined ? undefined : cellOfUri(source.path);
}

/** The place of a source for breakpoints; a text that has no path takes none. */
export function placeOf(source: DebugProtocol.Source | undefined): Place | undefined {
  const cellId = cellIdOf(source);
  if (cellId !== undefined) {
    return { kind: "cell", cellId };
  }
  return source?.path === undefined ? undefined : { kind: "source", path: source.path };
}

export function sourceOf(state: State, place: Place): DebugProtocol.Source {
  return place.kind === "source"
    ? { path: place.path }
    : { path: cellUri(state.file?.absolute ?? "", place.cellId) };
}

/** In percent files a commented magic is one; the line count stays. */
export function textToRun(state: State, cell: Cell): string {
  return state.file?.format === "percent"
    ? cell.source.replace(/^# ?([%!])(?!%)/gm, "$1")
    : cell.source;
}

/** Tells the adapter the text of a cell, unless it knows it. */
export async function announce(app: App, cell: Cell, index: number): Promise<void> {
  const state = app.store.get();
  const code = textToRun(state, cell);
  if (state.file === undefined || app.announced.get(cell.id) === code) {
    return;
  }
  app.announced.set(cell.id, code);
  const uri = cellUri(state.file.absolute, cell.id);
  const args = { uri, notebook: state.file.absolute, index, id: cell.id, code };
  await sessionOf(app).request("celldap/cell", args);
}

export async function announceAll(app: App): Promise<void> {
  const cells = app.store.get().file?.cells ?? [];
  const announced = cells.flatMap((cell, index) =>
    cell.type === "code" ? [announce(app, cell, index)] : [],
  );
  await Promise.all(announced);
}
