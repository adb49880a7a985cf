// SPDX-License-Identifier: BSD-3-Clause
// Opening and saving: the file on disk is never overwritten unless it is the one that was read.
import { ApiError } from "../api.ts";
import { type Cells, noHistory } from "../model/edits.ts";
import { emptyNotebook, type Notebook, parseNotebook, writeNotebook } from "../model/notebook.ts";
import { parsePython, writePython } from "../model/percent.ts";
import type { OpenFile } from "../model/state.ts";
import { type App, changeFile, changeUi, wordsOf } from "./app.ts";
import { loadBreakpoints } from "./breakpoints.ts";
import { loadWatches } from "./watches.ts";

export function isOpenable(name: string): boolean {
  return name.endsWith(".ipynb") || name.endsWith(".py");
}

export async function listFolder(app: App, path: string): Promise<void> {
  try {
    const entries = await app.api.list(path);
    app.store.set({ folder: { path, entries } });
  } catch (error) {
    app.store.set({ folder: { path, entries: [], error: wordsOf(error) } });
  }
}

function parse(path: string, content: string): Notebook {
  if (path.endsWith(".py")) {
    return parsePython(content);
  }
  return content.trim() === "" ? emptyNotebook() : parseNotebook(content);
}

export async function openFile(app: App, path: string): Promise<void> {
  const { text, etag } = await app.api.read(path);
  const notebook = parse(path, text);
  const root = app.store.get().info?.root ?? "";
  const file: OpenFile = {
    path,
    absolute: `${root.replace(/\/$/, "")}/${path}`,
    format: notebook.format,
    frame: notebook,
    cells: notebook.cells,
    history: noHistory,
    etag,
    saved: notebook.cells,
    saving: false,
  };
  app.store.set({ file, runs: new Map(), queue: [], console: [], source: undefined });
  changeUi(app, { selected: notebook.cells[0]?.id, editing: false });
  loadBreakpoints(app);
  loadWatches(app);
}

/** The text that would be written now. */
export function contentOf(file: OpenFile): string {
  const notebook = { ...file.frame, cells: file.cells };
  return file.format === "ipynb" ? writeNotebook(notebook) : writePython(notebook);
}

/** Whether a save would change the file; outputs of a .py are not in it. */
export function isDirty(file: OpenFile): boolean {
  if (file.cells === file.saved) {
    return false;
  }
  if (file.cells.length !== file.saved.length) {
    return true;
  }
  return file.cells.some((cell, index) => differs(cell, file.saved[index], file.format));
}

function differs(
  cell: Cells[number],
  saved: Cells[number] | undefined,
  format: OpenFile["format"],
): boolean {
  if (cell === saved) {
    return false;
  }
  const same =
    cell.id === saved?.id &&
    cell.source === saved.source &&
    cell.type === saved.type &&
    (format !== "ipynb" || (cell.outputs === saved.outputs && cell.rest === saved.rest));
  return !same;
}

/** Saves unless the file on disk is another by now; `force` overwrites that one. */
export async function saveFile(app: App, force = false): Promise<void> {
  const { file } = app.store.get();
  if (file === undefined || file.saving || (file.conflict !== undefined && !force)) {
    return;
  }
  changeFile(app, (now) => ({ ...now, saving: true }));
  try {
    const etag = await app.api.write(file.path, contentOf(file), force ? "*" : file.etag);
    changeFile(app, ({ conflict: _conflict, saveError: _error, ...now }) => ({
      ...now,
      etag,
      saved: file.cells,
      saving: false,
    }));
  } catch (error) {
    const changed = error instanceof ApiError && error.status === 412;
    changeFile(app, (now) => ({
      ...now,
      saving: false,
      conflict: changed ? "changed" : "failed",
      saveError: wordsOf(error),
    }));
  }
}

/** Saves by itself when nothing stands against it. */
export async function autosave(app: App): Promise<void> {
  const { file } = app.store.get();
  if (file !== undefined && file.conflict === undefined && isDirty(file)) {
    await saveFile(app);
  }
}

/** Takes what is on disk instead of what is here. */
export async function reloadFile(app: App): Promise<void> {
  const { file } = app.store.get();
  if (file === undefined) {
    return;
  }
  const { text, etag } = await app.api.read(file.path);
  const notebook = parse(file.path, text);
  changeFile(app, ({ conflict: _conflict, saveError: _error, ...now }) => ({
    ...now,
    frame: notebook,
    cells: notebook.cells,
    saved: notebook.cells,
    history: noHistory,
    etag,
  }));
}

/** A new, empty notebook in the folder that is listed; answers its path. */
export async function createNotebook(app: App): Promise<string> {
  const { folder } = app.store.get();
  const taken = new Set(folder.entries?.map((entry) => entry.name));
  const numbers = Array.from({ length: taken.size + 1 }, (_, index) => index);
  const names = numbers.map((n) => (n === 0 ? "Untitled.ipynb" : `Untitled${n}.ipynb`));
  const name = names.find((free) => !taken.has(free)) ?? "Untitled.ipynb";
  const path = folder.path === "" || folder.path === "." ? name : `${folder.path}/${name}`;
  await app.api.write(path, writeNotebook(emptyNotebook()), undefined);
  return path;
}
