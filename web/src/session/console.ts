// SPDX-License-Identifier: BSD-3-Clause
// The debug console: what is typed, what it gives, and what the program says past the cells.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { ConsoleEntry } from "../model/state.ts";
import { appendTerminal } from "../model/terminal.ts";
import { rootNode } from "../model/tree.ts";
import { type App, sessionOf } from "./app.ts";
import { asVariable, evaluateWatches } from "./watches.ts";

const KEPT = 2000;
let keys = 0;

function add(app: App, entry: Omit<ConsoleEntry, "key">): void {
  app.store.update((state) => ({
    ...state,
    console: [...state.console.slice(-KEPT), { ...entry, key: ++keys }],
  }));
}

const KINDS = ["stdout", "stderr", "console", "important"] as const;

export function onOutput(app: App, body: DebugProtocol.OutputEvent["body"]): void {
  if (body.category === "telemetry") {
    return;
  }
  const kind = KINDS.find((name) => name === body.category) ?? "console";
  const entries = app.store.get().console;
  const last = entries.at(-1);
  if (last?.kind === kind && !last.text.endsWith("\n")) {
    const whole = { ...last, text: appendTerminal(last.text, body.output) };
    app.store.set({ console: [...entries.slice(0, -1), whole] });
  } else {
    add(app, { kind, text: appendTerminal("", body.output) });
  }
}

export async function evaluateInConsole(app: App, expression: string): Promise<void> {
  add(app, { kind: "input", text: expression });
  const { frame } = app.store.get().debug;
  try {
    const body = await sessionOf(app).request("evaluate", {
      expression,
      context: "repl",
      ...(frame === undefined ? {} : { frameId: frame.id }),
    });
    const node = rootNode(asVariable("", body), `console:${keys}`);
    if (body.result !== "") {
      add(app, { kind: "result", text: body.result, node });
    }
  } catch (error) {
    add(app, { kind: "error", text: error instanceof Error ? error.message : "?" });
  }
  await evaluateWatches(app);
}

export async function complete(
  app: App,
  text: string,
  column: number,
  line = 1,
): Promise<readonly DebugProtocol.CompletionItem[]> {
  const { frame } = app.store.get().debug;
  const { targets } = await sessionOf(app).request("completions", {
    text,
    column,
    line,
    ...(frame === undefined ? {} : { frameId: frame.id }),
  });
  return targets;
}
