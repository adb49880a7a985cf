// SPDX-License-Identifier: BSD-3-Clause
// What can be done with a value: copied, watched, stopped on when it changes, looked at in memory
// or as a table.
import type { TreeNode } from "../model/tree.ts";
import { type App, changeUi, notify, sessionOf } from "./app.ts";
import { sendDataBreakpoints } from "./breakpoints.ts";
import { changeWatches } from "./watches.ts";

export async function copyValue(app: App, node: TreeNode): Promise<void> {
  const { evaluateName, value } = node.variable;
  const { frame } = app.store.get().debug;
  let text = value;
  if (evaluateName !== undefined && evaluateName !== "") {
    const body = await sessionOf(app).request("evaluate", {
      expression: evaluateName,
      context: "clipboard",
      ...(frame === undefined ? {} : { frameId: frame.id }),
    });
    text = body.result;
  }
  await navigator.clipboard.writeText(text);
  notify(app, "Copied.");
}

export function watchValue(app: App, node: TreeNode): void {
  const expression = node.variable.evaluateName ?? node.variable.name;
  const { watches } = app.store.get();
  if (!watches.some((watch) => watch.expression === expression)) {
    changeWatches(app, [...watches, { expression }]);
  }
}

/** Stops whenever the value changes. */
export async function breakOnChange(app: App, node: TreeNode): Promise<void> {
  const { frame, stop } = app.store.get().debug;
  const info = await sessionOf(app).request("dataBreakpointInfo", {
    name: node.variable.name,
    variablesReference: node.parentReference,
    ...(frame === undefined || stop === undefined ? {} : { frameId: frame.id }),
  });
  if (info.dataId === null) {
    notify(app, info.description);
    return;
  }
  const data = { dataId: info.dataId, description: info.description, enabled: true };
  app.store.update((state) => ({
    ...state,
    dataBreakpoints: [
      ...state.dataBreakpoints.filter((other) => other.dataId !== data.dataId),
      data,
    ],
  }));
  await sendDataBreakpoints(app);
}

/** How many bytes the memory view shows at once. */
export const BYTES = 1024;

/** The bytes of a buffer; `offset` from its begin. */
export async function readMemory(
  app: App,
  title: string,
  reference: string,
  offset: number,
): Promise<void> {
  const body = await sessionOf(app).request("readMemory", {
    memoryReference: reference,
    offset,
    count: BYTES,
  });
  const data = atob(body?.data ?? "");
  const bytes = Uint8Array.from(data, (character) => character.charCodeAt(0));
  const unreadable = body?.unreadableBytes ?? 0;
  app.store.set({ memory: { title, reference, offset, bytes, unreadable } });
  changeUi(app, { panel: "memory" });
}

export function writeByte(app: App, at: number, value: number): Promise<unknown> {
  const { memory } = app.store.get();
  if (memory === undefined) {
    return Promise.resolve();
  }
  const data = btoa(String.fromCharCode(value));
  return sessionOf(app)
    .request("writeMemory", { memoryReference: memory.reference, offset: memory.offset + at, data })
    .then(() => readMemory(app, memory.title, memory.reference, memory.offset));
}
