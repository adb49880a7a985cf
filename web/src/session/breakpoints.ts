// SPDX-License-Identifier: BSD-3-Clause
// Breakpoints between the page's list and the adapter: one setBreakpoints for each place that
// changed, and the answers back into the list.
import type { DebugProtocol } from "@vscode/debugprotocol";
import * as list from "../model/breakpoints.ts";
import type { Breakpoint, Breakpoints, Place } from "../model/breakpoints.ts";
import type { ExceptionFilter } from "../model/state.ts";
import { type App, notify, sessionOf, wordsOf } from "./app.ts";
import { announce, sourceOf } from "./places.ts";

function storageKey(app: App): string {
  return `celldap.breakpoints:${app.store.get().file?.absolute ?? ""}`;
}

export function loadBreakpoints(app: App): void {
  app.store.set({ breakpoints: list.restore(app.storage.getItem(storageKey(app))) });
}

/** Changes the list, keeps it, and tells the adapter about the places that are not what they were. */
export function changeBreakpoints(app: App, change: (all: Breakpoints) => Breakpoints): void {
  const before = app.store.get().breakpoints;
  const after = change(before);
  if (after === before) {
    return;
  }
  app.store.set({ breakpoints: after });
  app.storage.setItem(storageKey(app), list.store(after));
  if (app.client !== undefined) {
    settle(app, () => Promise.all(changedPlaces(before, after).map((place) => send(app, place))));
  }
}

/** One change after the other, in the order in which they were made. */
function settle(app: App, action: () => Promise<unknown>): void {
  app.settled = app.settled.then(action).catch((error: unknown) => notify(app, wordsOf(error)));
}

function changedPlaces(before: Breakpoints, after: Breakpoints): readonly Place[] {
  const places = new Map<string, Place>();
  const was = new Set(before);
  const is = new Set(after);
  for (const breakpoint of [...before, ...after]) {
    if (!was.has(breakpoint) || !is.has(breakpoint)) {
      places.set(list.placeKey(breakpoint.place), breakpoint.place);
    }
  }
  return [...places.values()];
}

async function send(app: App, place: Place): Promise<void> {
  const client = sessionOf(app);
  const { file } = app.store.get();
  if (place.kind === "cell") {
    const index = file?.cells.findIndex((cell) => cell.id === place.cellId) ?? -1;
    const cell = file?.cells[index];
    if (cell === undefined) {
      return;
    }
    await announce(app, cell, index);
  }
  const sent = list.toSend(app.store.get().breakpoints, place);
  const body = await client.request("setBreakpoints", {
    source: sourceOf(app.store.get(), place),
    breakpoints: sent.map(list.toProtocol),
  });
  takeAnswers(app, sent, body.breakpoints);
}

/** With what the adapter says of it; a line that has no code moves to the one that has. */
function answered(breakpoint: Breakpoint, now: DebugProtocol.Breakpoint): Breakpoint {
  const line = now.verified ? (now.line ?? breakpoint.line) : breakpoint.line;
  return { ...breakpoint, line, answer: list.answerOf(now) };
}

function takeAnswers(
  app: App,
  sent: Breakpoints,
  answers: readonly DebugProtocol.Breakpoint[],
): void {
  const byKey = new Map(sent.map((breakpoint, index) => [breakpoint.key, answers[index]]));
  app.store.update((state) => ({
    ...state,
    breakpoints: state.breakpoints.map((breakpoint) => {
      const answer = byKey.get(breakpoint.key);
      return answer === undefined ? breakpoint : answered(breakpoint, answer);
    }),
  }));
}

/** Everything again, for a new session. */
export async function sendAll(app: App): Promise<void> {
  const places = new Map(
    app.store.get().breakpoints.map(({ place }) => [list.placeKey(place), place]),
  );
  await Promise.all([
    ...[...places.values()].map((place) => send(app, place)),
    sendFilters(app),
    sendDataBreakpoints(app),
  ]);
}

/** An event `breakpoint`: a later answer, or the line it really is on. */
export function onBreakpointEvent(app: App, body: DebugProtocol.BreakpointEvent["body"]): void {
  const { breakpoint: now } = body;
  app.store.update((state) => ({
    ...state,
    breakpoints: state.breakpoints.map((breakpoint) =>
      now.id !== undefined && breakpoint.answer?.id === now.id
        ? answered(breakpoint, now)
        : breakpoint,
    ),
  }));
}

export async function sendFilters(app: App): Promise<void> {
  const enabled = app.store.get().filters.filter((filter) => filter.enabled);
  await sessionOf(app).request("setExceptionBreakpoints", {
    filters: [],
    filterOptions: enabled.map(({ filter, condition }) =>
      condition === "" ? { filterId: filter } : { filterId: filter, condition },
    ),
  });
}

export function changeFilter(app: App, filter: string, parts: Partial<ExceptionFilter>): void {
  app.store.update((state) => ({
    ...state,
    filters: state.filters.map((row) => (row.filter === filter ? { ...row, ...parts } : row)),
  }));
  if (app.client !== undefined) {
    settle(app, () => sendFilters(app));
  }
}

export async function sendDataBreakpoints(app: App): Promise<void> {
  const wanted = app.store.get().dataBreakpoints.filter((data) => data.enabled);
  if (wanted.length > 0 || app.store.get().dataBreakpoints.length > 0) {
    await sessionOf(app).request("setDataBreakpoints", {
      breakpoints: wanted.map(({ dataId }) => ({ dataId })),
    });
  }
}
