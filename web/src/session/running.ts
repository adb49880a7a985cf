// SPDX-License-Identifier: BSD-3-Clause
// Running cells: the page's queue, of which the kernel has one at a time, and what it tells of them.
import type { CellStateBody } from "../protocol/celldap.ts";
import type { Cell } from "../model/notebook.ts";
import type { CellRun, State } from "../model/state.ts";
import { type App, attempt, changeFile, changeKernel, notify, sessionOf, wordsOf } from "./app.ts";
import { flushOutputs } from "./outputs.ts";
import { announce, cellUri, textToRun } from "./places.ts";
import { clearStop } from "./stops.ts";
import { evaluateWatches } from "./watches.ts";

function setRun(app: App, cellId: string, run: CellRun | undefined): void {
  app.store.update((state) => {
    const runs = new Map(state.runs);
    if (run === undefined) {
      runs.delete(cellId);
    } else {
      runs.set(cellId, run);
    }
    return { ...state, runs };
  });
}

/** The cells that can be run among these, in this order. */
function runnable(state: State, cellIds: readonly string[]): readonly string[] {
  const cells = new Map(state.file?.cells.map((cell) => [cell.id, cell]));
  return cellIds.filter((id) => {
    const cell = cells.get(id);
    return cell?.type === "code" && cell.source.trim() !== "";
  });
}

/** Runs cells one after the other; a failure ends the row. While stopped: at once. */
export function runCells(app: App, cellIds: readonly string[]): void {
  const state = app.store.get();
  const wanted = runnable(state, cellIds).filter((id) => !state.queue.includes(id));
  if (state.kernel.phase === "stopped") {
    wanted.forEach((id) => attempt(app, () => send(app, id)));
    return;
  }
  wanted.forEach((id) => setRun(app, id, { state: "queued", since: Date.now() }));
  app.store.update((now) => ({ ...now, queue: [...now.queue, ...wanted] }));
  runNext(app);
}

function isBusy(state: State): boolean {
  return [...state.runs.values()].some((run) => run.state === "running");
}

/** The first of the queue, when the kernel has nothing of ours to do. */
export function runNext(app: App): void {
  const state = app.store.get();
  const [first, ...rest] = state.queue;
  const ready = state.kernel.phase === "idle" && !isBusy(state) && !state.kernel.lost;
  if (first === undefined || !ready) {
    return;
  }
  app.store.set({ queue: rest });
  setRun(app, first, { state: "running", since: Date.now() });
  changeKernel(app, { phase: "busy" });
  send(app, first).catch((error: unknown) => {
    setRun(app, first, undefined);
    changeKernel(app, { phase: "idle" });
    emptyQueue(app);
    notify(app, wordsOf(error));
  });
}

async function send(app: App, cellId: string): Promise<void> {
  const state = app.store.get();
  const index = state.file?.cells.findIndex((cell) => cell.id === cellId) ?? -1;
  const cell = state.file?.cells[index];
  if (state.file === undefined || cell === undefined) {
    return;
  }
  await app.settled;
  await announce(app, cell, index);
  await sessionOf(app).request("celldap/runCell", {
    uri: cellUri(state.file.absolute, cellId),
    code: textToRun(state, cell),
  });
}

/** What waited is not run. */
export function emptyQueue(app: App): void {
  for (const cellId of app.store.get().queue) {
    setRun(app, cellId, undefined);
  }
  app.store.set({ queue: [] });
}

function changeCell(app: App, cellId: string, parts: Partial<Cell>): void {
  changeFile(app, (file) => ({
    ...file,
    cells: file.cells.map((cell) => (cell.id === cellId ? { ...cell, ...parts } : cell)),
  }));
}

export function onCellState(app: App, body: CellStateBody): void {
  const { id } = body.cell;
  flushOutputs(app);
  if (body.state === "queued") {
    return;
  }
  if (body.state === "running") {
    app.clearNext.add(id);
    setRun(app, id, { state: "running", since: Date.now() });
    const { phase } = app.store.get().kernel;
    changeKernel(app, { phase: phase === "stopped" ? phase : "busy" });
    return;
  }
  finished(app, body);
}

function finished(app: App, body: CellStateBody): void {
  const { id } = body.cell;
  if (app.clearNext.delete(id)) {
    changeCell(app, id, { outputs: [] });
  }
  if (body.executionCount !== undefined) {
    changeCell(app, id, { executionCount: body.executionCount });
  }
  const since = app.store.get().runs.get(id)?.since ?? Date.now();
  setRun(app, id, { state: body.state, since, took: Date.now() - since });
  app.store.set({ input: undefined });
  if (body.state !== "ok") {
    emptyQueue(app);
  }
  if (!isBusy(app.store.get())) {
    clearStop(app);
    changeKernel(app, { phase: "idle" });
    runNext(app);
    attempt(app, () => evaluateWatches(app));
  }
}

export async function answerInput(app: App, value: string): Promise<void> {
  app.store.set({ input: undefined });
  await sessionOf(app).request("celldap/input", { value });
}

export async function interrupt(app: App): Promise<void> {
  emptyQueue(app);
  await sessionOf(app).request("celldap/interrupt", {});
}
