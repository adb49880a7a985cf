// SPDX-License-Identifier: BSD-3-Clause
// What every action works on: the store, the server, and the session that is open, if one is.
import type { Api } from "../api.ts";
import type { Debugging, Kernel, OpenFile, State, Ui } from "../model/state.ts";
import { type DapClient, RequestError } from "../protocol/client.ts";
import type { Transport } from "../protocol/transport.ts";
import type { Schedule, Store } from "../store.ts";
import type { OutputMessage } from "../model/outputs.ts";

export interface ArrivedOutput {
  readonly cellId: string;
  readonly message: OutputMessage;
}

export interface App {
  readonly store: Store<State>;
  readonly api: Api;
  readonly connect: () => Promise<Transport>;
  /** The browser's memory between visits. */
  readonly storage: Storage;
  client: DapClient | undefined;
  /** Paths of tree nodes that are open, kept from stop to stop. */
  readonly openPaths: Set<string>;
  /** Text of each cell that the adapter was told last, by id. */
  readonly announced: Map<string, string>;
  /** Output messages that came since the last frame. */
  readonly arriving: ArrivedOutput[];
  /** Cells whose next output replaces what they show. */
  readonly clearNext: Set<string>;
  readonly schedule: Schedule;
  /** Resolves when the adapter has every breakpoint that was changed: nothing runs before. */
  settled: Promise<unknown>;
}

export function changeUi(app: App, parts: Partial<Ui>): void {
  app.store.update((state) => ({ ...state, ui: { ...state.ui, ...parts } }));
}

export function changeKernel(app: App, parts: Partial<Kernel>): void {
  app.store.update((state) => ({ ...state, kernel: { ...state.kernel, ...parts } }));
}

export function changeDebug(app: App, parts: Partial<Debugging>): void {
  app.store.update((state) => ({ ...state, debug: { ...state.debug, ...parts } }));
}

export function changeFile(app: App, change: (file: OpenFile) => OpenFile): void {
  app.store.update((state) =>
    state.file === undefined ? state : { ...state, file: change(state.file) },
  );
}

/** The words for the user; a request's error names the request. */
export function wordsOf(error: unknown): string {
  if (error instanceof RequestError) {
    return `${error.command}: ${error.message}`;
  }
  return error instanceof Error ? error.message : String(error);
}

/** Shows one line at the foot of the page until the next one. */
export function notify(app: App, notice: string | undefined): void {
  changeUi(app, { notice });
}

/** Runs an action that the user asked for; what goes wrong is shown in the adapter's words. */
export function attempt(app: App, action: () => Promise<unknown>): void {
  action().catch((error: unknown) => notify(app, wordsOf(error)));
}

/** The session, or an error that says what is missing. */
export function sessionOf(app: App): DapClient {
  if (app.client === undefined) {
    throw new Error("no kernel is connected; choose one at the top right");
  }
  return app.client;
}
