// SPDX-License-Identifier: BSD-3-Clause
// Watch expressions: evaluated at each stop, and when the kernel is idle.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Watch } from "../model/state.ts";
import { rootNode } from "../model/tree.ts";
import { type App, attempt, sessionOf } from "./app.ts";
import { open } from "./variables.ts";

function storageKey(app: App): string {
  return `celldap.watches:${app.store.get().file?.absolute ?? ""}`;
}

export function loadWatches(app: App): void {
  const stored: unknown = JSON.parse(app.storage.getItem(storageKey(app)) ?? "[]");
  const expressions = Array.isArray(stored)
    ? stored.filter((item) => typeof item === "string")
    : [];
  app.store.set({ watches: expressions.map((expression) => ({ expression })) });
}

export function changeWatches(app: App, watches: readonly Watch[]): void {
  app.store.set({ watches });
  const expressions = watches.map(({ expression }) => expression);
  app.storage.setItem(storageKey(app), JSON.stringify(expressions));
  attempt(app, () => evaluateWatches(app));
}

/** What an evaluation answered, in the form that the trees show. */
export function asVariable(
  name: string,
  body: DebugProtocol.EvaluateResponse["body"],
): DebugProtocol.Variable {
  const { result, ...rest } = body;
  return { ...rest, name, value: result, evaluateName: name };
}

async function evaluate(app: App, watch: Watch): Promise<Watch> {
  const { expression } = watch;
  const frameId = app.store.get().debug.frame?.id;
  try {
    const body = await sessionOf(app).request("evaluate", {
      expression,
      context: "watch",
      ...(frameId === undefined ? {} : { frameId }),
    });
    const node = rootNode(asVariable(expression, body), `watch:${expression}`);
    if (app.openPaths.has(node.path) && body.variablesReference > 0) {
      await open(app, node);
    }
    return { expression, node };
  } catch (error) {
    return { expression, error: error instanceof Error ? error.message : "?" };
  }
}

export async function evaluateWatches(app: App): Promise<void> {
  const { watches, kernel } = app.store.get();
  const can = kernel.phase === "stopped" || kernel.phase === "idle";
  if (watches.length === 0 || app.client === undefined || !can) {
    return;
  }
  const results = await Promise.all(watches.map((watch) => evaluate(app, watch)));
  const byExpression = new Map(results.map((watch) => [watch.expression, watch]));
  app.store.update((state) => ({
    ...state,
    watches: state.watches.map((watch) => byExpression.get(watch.expression) ?? watch),
  }));
}
