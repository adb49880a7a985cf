// SPDX-License-Identifier: BSD-3-Clause
// The life of a session: connect, initialize, launch or attach, and again when the connection is
// lost. A kernel outlives it.
import type { DebugProtocol } from "@vscode/debugprotocol";
import { type ExceptionFilter, noKernel } from "../model/state.ts";
import { declaration } from "../protocol/celldap.ts";
import { DapClient } from "../protocol/client.ts";
import { type App, changeKernel, wordsOf } from "./app.ts";
import { onBreakpointEvent, sendAll } from "./breakpoints.ts";
import { onOutput } from "./console.ts";
import { onCellOutput } from "./outputs.ts";
import { afterStart } from "./known.ts";
import { announceAll } from "./places.ts";
import { emptyQueue, onCellState } from "./running.ts";
import { clearStop, onContinued, onStopped, refresh } from "./stops.ts";

export type How =
  | { readonly kind: "launch"; readonly kernel?: string }
  | { readonly kind: "attach"; readonly id: string };

const RETRY_MS = [500, 1000, 2000, 5000] as const;

/** What is stopped already is told before the attach is answered, and can be looked at after. */
function listen(app: App, client: DapClient, ready: Promise<unknown>): void {
  const mine = (): boolean => app.client === client;
  client.on("stopped", (body) => {
    void ready.then(() => onStopped(app, body)).catch(() => undefined);
  });
  client.on("continued", () => onContinued(app));
  client.on("output", (body) => onOutput(app, body));
  client.on("breakpoint", (body) => onBreakpointEvent(app, body));
  client.on("celldap/cellOutput", (body) => onCellOutput(app, body));
  client.on("celldap/cellState", (body) => onCellState(app, body));
  client.on("celldap/input", (body) => app.store.set({ input: body }));
  client.on("invalidated", () => void refresh(app).catch(() => undefined));
  client.on("capabilities", (body) => takeCapabilities(app, body.capabilities));
  client.on("terminated", () => (mine() ? kernelEnded(app) : undefined));
  void client.ended.then(() => (mine() ? connectionEnded(app) : undefined));
}

function takeCapabilities(app: App, more: DebugProtocol.Capabilities): void {
  const { kernel } = app.store.get();
  changeKernel(app, { capabilities: { ...kernel.capabilities, ...more } });
}

function takeFilters(app: App, capabilities: DebugProtocol.Capabilities): void {
  const known = new Map(app.store.get().filters.map((filter) => [filter.filter, filter]));
  const filters = (capabilities.exceptionBreakpointFilters ?? []).map((row): ExceptionFilter => ({
    filter: row.filter,
    label: row.label,
    description: row.description ?? "",
    takesCondition: row.supportsCondition ?? false,
    conditionDescription: row.conditionDescription ?? "",
    enabled: known.get(row.filter)?.enabled ?? row.default ?? false,
    condition: known.get(row.filter)?.condition ?? "",
  }));
  app.store.set({ filters });
}

function initializeArguments(): DebugProtocol.InitializeRequestArguments & {
  celldap: typeof declaration;
} {
  return {
    clientID: "celldap-page",
    adapterID: "celldap",
    supportsVariableType: true,
    supportsVariablePaging: true,
    supportsMemoryReferences: true,
    supportsInvalidatedEvent: true,
    supportsMemoryEvent: true,
    supportsANSIStyling: true,
    celldap: declaration,
  };
}

/** Starts or finds a kernel for the open file, and is done when it is ready. */
export async function startSession(app: App, how: How): Promise<void> {
  await endSession(app);
  changeKernel(app, { ...noKernel, phase: "starting" });
  const client = new DapClient(await app.connect());
  app.client = client;
  app.announced.clear();
  const ready = Promise.withResolvers<undefined>();
  listen(app, client, ready.promise);
  const initialized = new Promise<void>((resolve) => client.on("initialized", () => resolve()));
  const capabilities = await client.request("initialize", initializeArguments());
  takeCapabilities(app, capabilities);
  takeFilters(app, capabilities);
  const started = begin(app, client, how);
  // a refused start is told by its own answer, not by the requests that follow it
  started.catch(() => undefined);
  await initialized;
  await announceAll(app);
  await sendAll(app);
  await client.request("configurationDone", {});
  await started;
  ready.resolve(undefined);
  await afterStart(app, client);
}

function begin(app: App, client: DapClient, how: How): Promise<unknown> {
  const { file } = app.store.get();
  const common = { program: file?.absolute ?? "", justMyCode: true, showReturnValue: true };
  if (how.kind === "attach") {
    return client.request("attach", { ...common, connectionFile: how.id });
  }
  return client.request("launch", {
    ...common,
    cells: [],
    ...(file?.format === "ipynb" ? {} : { notebook: true }),
    ...(how.kernel === undefined ? {} : { kernel: how.kernel }),
  });
}

/** The kernel is gone; what it said last is in the console. */
function kernelEnded(app: App): void {
  app.client = undefined;
  emptyQueue(app);
  clearStop(app);
  const words = app.store
    .get()
    .console.filter((entry) => entry.kind === "important")
    .at(-1);
  changeKernel(app, { phase: "ended", trouble: words?.text ?? "The kernel has ended." });
  app.store.set({ input: undefined, runs: new Map() });
}

function connectionEnded(app: App): void {
  app.client = undefined;
  changeKernel(app, { lost: true, trouble: "The connection to celldap is lost." });
  void retry(app, 0);
}

async function retry(app: App, times: number): Promise<void> {
  const wait = RETRY_MS[Math.min(times, RETRY_MS.length - 1)];
  await new Promise((resolve) => setTimeout(resolve, wait));
  const { kernel } = app.store.get();
  if (app.client !== undefined || !kernel.lost) {
    return;
  }
  try {
    await resume(app);
  } catch (error) {
    changeKernel(app, { lost: true, trouble: wordsOf(error) });
    app.client = undefined;
    void retry(app, times + 1);
  }
}

/** Back to the notebook's kernel where one runs, else a new one. */
export async function resume(app: App): Promise<void> {
  const { file } = app.store.get();
  const { running } = await app.api.kernels();
  const mine = running.find((kernel) => kernel.notebook === file?.absolute);
  await startSession(
    app,
    mine === undefined ? { kind: "launch" } : { kind: "attach", id: mine.id },
  );
}

/** Leaves the kernel running. */
export async function endSession(app: App): Promise<void> {
  const { client } = app;
  app.client = undefined;
  clearStop(app);
  if (client !== undefined) {
    await client.request("disconnect", {}).catch(() => undefined);
    client.close();
  }
}

export async function restartKernel(app: App): Promise<void> {
  if (app.client === undefined) {
    await startSession(app, { kind: "launch" });
    return;
  }
  emptyQueue(app);
  clearStop(app);
  changeKernel(app, { phase: "starting" });
  await app.client.request("celldap/restartKernel", {});
  app.store.set({ runs: new Map(), input: undefined });
  changeKernel(app, { phase: "idle" });
}
