// SPDX-License-Identifier: BSD-3-Clause
// From the event `stopped` to what is shown of it, and the steps from there.
import type { DebugProtocol } from "@vscode/debugprotocol";
import { notDebugging, type Stop } from "../model/state.ts";
import { rootNode, type TreeNode } from "../model/tree.ts";
import { type App, changeDebug, changeKernel, sessionOf } from "./app.ts";
import { showFrame } from "./frames.ts";
import { open } from "./variables.ts";
import { evaluateWatches } from "./watches.ts";

const FRAMES = 20;

/** Which stop is on the screen: answers for an older one are dropped. */
let current = 0;
let clearing: ReturnType<typeof setTimeout> | undefined;

const TITLES: Readonly<Record<string, string>> = {
  breakpoint: "Paused on breakpoint",
  "data breakpoint": "Paused on data breakpoint",
  entry: "Paused on entry",
  exception: "Paused on exception",
  goto: "Paused after jump",
  pause: "Paused",
  restart: "Paused after restarting the frame",
  step: "Paused on step",
};

export async function onStopped(app: App, body: DebugProtocol.StoppedEvent["body"]): Promise<void> {
  clearTimeout(clearing);
  const mine = ++current;
  const threadId = body.threadId ?? 1;
  const stop: Stop = {
    threadId,
    reason: body.reason,
    title: body.description ?? TITLES[body.reason] ?? `Paused: ${body.reason}`,
    ...(body.text === undefined ? {} : { text: body.text }),
  };
  const client = sessionOf(app);
  const [stack, { threads }] = await Promise.all([
    client.request("stackTrace", { threadId, startFrame: 0, levels: FRAMES }),
    client.request("threads", {}),
  ]);
  if (mine !== current) {
    return;
  }
  const frames = {
    frames: stack.stackFrames,
    total: stack.totalFrames ?? stack.stackFrames.length,
  };
  changeKernel(app, { phase: "stopped" });
  changeDebug(app, { stop, threads, frames: new Map([[threadId, frames]]) });
  const top = stack.stackFrames.find((frame) => frame.source !== undefined);
  if (top !== undefined) {
    await selectFrame(app, top);
  }
  if (body.reason === "exception") {
    const exception = await client.request("exceptionInfo", { threadId });
    if (mine === current) {
      changeDebug(app, { stop: { ...stop, exception } });
    }
  }
}

/** Shows a frame of the stop: its place, its variables, the watches in it. */
export async function selectFrame(app: App, frame: DebugProtocol.StackFrame): Promise<void> {
  changeDebug(app, { frame });
  const shown = showFrame(app, frame);
  const { scopes } = await sessionOf(app).request("scopes", { frameId: frame.id });
  const roots = scopes.map((scope) => rootNode(asVariable(scope), scope.name));
  const opening = roots.filter((_, index) => opensAtOnce(app, scopes[index]));
  await Promise.all(opening.map((root) => open(app, root)));
  if (app.store.get().debug.frame?.id === frame.id) {
    changeDebug(app, { scopes: roots, values: valuesOf(roots[0]) });
  }
  await Promise.all([shown, evaluateWatches(app)]);
}

function opensAtOnce(app: App, scope: DebugProtocol.Scope | undefined): boolean {
  return scope !== undefined && (!scope.expensive || app.openPaths.has(scope.name));
}

function asVariable(scope: DebugProtocol.Scope): DebugProtocol.Variable {
  const { name, variablesReference, indexedVariables, namedVariables } = scope;
  return {
    name,
    value: "",
    variablesReference,
    ...(indexedVariables === undefined ? {} : { indexedVariables }),
    ...(namedVariables === undefined ? {} : { namedVariables }),
  };
}

function valuesOf(scope: TreeNode | undefined): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const { variable } of scope?.children?.nodes.values() ?? []) {
    if (variable.presentationHint?.lazy !== true) {
      values.set(variable.name, variable.value);
    }
  }
  return values;
}

/** The variables again, after one was set or the adapter said that they changed. */
export async function refresh(app: App): Promise<void> {
  const { frame } = app.store.get().debug;
  if (frame !== undefined) {
    await selectFrame(app, frame);
  }
}

export async function moreFrames(app: App, threadId: number): Promise<void> {
  const known = app.store.get().debug.frames.get(threadId)?.frames ?? [];
  const stack = await sessionOf(app).request("stackTrace", {
    threadId,
    startFrame: known.length,
    levels: FRAMES,
  });
  const frames = [...known, ...stack.stackFrames];
  const all = new Map(app.store.get().debug.frames);
  changeDebug(app, {
    frames: all.set(threadId, { frames, total: stack.totalFrames ?? frames.length }),
  });
}

/** The program goes on. What was shown stays for a moment, so that a step does not flicker. */
export function onContinued(app: App): void {
  const gone = current;
  clearTimeout(clearing);
  clearing = setTimeout(() => {
    if (gone === current) {
      clearStop(app);
    }
  }, 150);
}

export function clearStop(app: App): void {
  clearTimeout(clearing);
  current++;
  app.store.update((state) => ({
    ...state,
    debug: { ...notDebugging, revision: state.debug.revision + 1 },
    kernel: state.kernel.phase === "stopped" ? { ...state.kernel, phase: "busy" } : state.kernel,
  }));
}

type Step = "next" | "stepIn" | "stepOut" | "continue";

export async function step(app: App, command: Step): Promise<void> {
  const { stop } = app.store.get().debug;
  if (stop === undefined) {
    return;
  }
  await sessionOf(app).request(command, { threadId: stop.threadId });
  onContinued(app);
}
