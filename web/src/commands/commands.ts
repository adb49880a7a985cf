// SPDX-License-Identifier: BSD-3-Clause
// Every action with its name and keys, once: toolbar, keyboard and the list of keys are made of it.
import type { State } from "../model/state.ts";
import { type App, attempt, changeUi } from "../session/app.ts";
import * as cells from "./cells.ts";
import type { Command } from "./command.ts";
import * as debugging from "./debug.ts";
import * as running from "./run.ts";

const pageCommands: readonly Command[] = [
  {
    id: "keys",
    title: "Keys",
    icon: "keyboard",
    keys: ["Ctrl+Shift+?"],
    commandKeys: ["?"],
    run: (app) => changeUi(app, { dialog: { kind: "keys" } }),
  },
  {
    id: "theme",
    title: "Light or dark",
    icon: "color-mode",
    keys: [],
    run: (app) => {
      const theme = app.store.get().ui.theme === "dark" ? "light" : "dark";
      app.storage.setItem("celldap.theme", theme);
      changeUi(app, { theme });
    },
  },
  {
    id: "sidebar",
    title: "Show or hide the debugger",
    icon: "layout-sidebar-right",
    keys: ["Ctrl+Shift+D"],
    run: (app) => changeUi(app, { sidebar: !app.store.get().ui.sidebar }),
  },
  {
    id: "console",
    title: "Show or hide the debug console",
    icon: "terminal",
    keys: ["Ctrl+Shift+Y"],
    run: (app) =>
      changeUi(app, { panel: app.store.get().ui.panel === "console" ? undefined : "console" }),
  },
];

export const commands: readonly Command[] = [
  ...running.commands,
  ...cells.commands,
  ...debugging.commands,
  ...pageCommands,
];

const byId = new Map(commands.map((command) => [command.id, command]));

export function commandOf(id: string): Command | undefined {
  return byId.get(id);
}

export function isOn(command: Command, state: State): boolean {
  return command.when?.(state) ?? true;
}

/** Runs a command where it makes sense now; what goes wrong is shown. */
export function run(app: App, command: Command): void {
  if (isOn(command, app.store.get())) {
    attempt(app, () => Promise.resolve(app).then(command.run));
  }
}

/** The name of a pressed key as commands write it. */
export function keyName(event: KeyboardEvent): string {
  const parts = [
    event.ctrlKey || event.metaKey ? "Ctrl+" : "",
    event.shiftKey ? "Shift+" : "",
    event.altKey ? "Alt+" : "",
    event.key.length === 1 ? event.key.toUpperCase() : event.key,
  ];
  return parts.join("");
}

/** The first command with this key that makes sense now. */
export function commandFor(state: State, key: string, editing: boolean): Command | undefined {
  return commands.find((command) => {
    const keys = editing ? command.keys : [...command.keys, ...(command.commandKeys ?? [])];
    return keys.includes(key) && isOn(command, state);
  });
}
