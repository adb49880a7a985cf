// SPDX-License-Identifier: BSD-3-Clause
// Bringing the place of a frame onto the screen: its cell, or the source beside the notebook.
import type { DebugProtocol } from "@vscode/debugprotocol";
import { type App, changeUi, sessionOf } from "./app.ts";
import { cellIdOf } from "./places.ts";

export async function showFrame(app: App, frame: DebugProtocol.StackFrame): Promise<void> {
  await showSource(app, frame.source);
}

export async function showSource(
  app: App,
  source: DebugProtocol.Source | undefined,
  line?: number,
): Promise<void> {
  const cellId = cellIdOf(source);
  if (cellId !== undefined) {
    changeUi(app, { selected: cellId });
    app.store.set({ source: undefined });
  } else if (source !== undefined) {
    await openSource(app, source, line);
  }
}

/** A file that a traceback names; IPython writes the home folder as ~. */
export async function showFile(app: App, path: string, line: number): Promise<void> {
  if (!path.startsWith("~/")) {
    await showSource(app, { path }, line);
    return;
  }
  const { sources } = await sessionOf(app).request("loadedSources", {});
  const source = sources.find((loaded) => loaded.path?.endsWith(path.slice(1)) === true);
  await showSource(app, source ?? { path }, line);
}

/** The same source twice has the same key. */
export function sourceKey(source: DebugProtocol.Source): string {
  return source.path ?? `reference:${source.sourceReference ?? 0}`;
}

async function openSource(
  app: App,
  source: DebugProtocol.Source,
  line: number | undefined,
): Promise<void> {
  const key = sourceKey(source);
  const known = app.store.get().source;
  const goTo = line === undefined ? {} : { line };
  if (known?.key === key) {
    app.store.set({ source: { ...known, ...goTo } });
    return;
  }
  const sourceReference = source.sourceReference ?? 0;
  const { content } = await sessionOf(app).request("source", { source, sourceReference });
  const title = source.name ?? source.path?.split("/").at(-1) ?? "source";
  const { path } = source;
  app.store.set({
    source: { key, title, text: content, ...goTo, ...(path === undefined ? {} : { path }) },
  });
}
