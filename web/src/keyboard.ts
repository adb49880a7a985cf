// SPDX-License-Identifier: BSD-3-Clause
// Keys to commands. Text fields keep their own keys; the editor's keys are its own but for ours.
import { commandFor, keyName, run } from "./commands/commands.ts";
import type { App } from "./session/app.ts";
import { isDirty } from "./session/files.ts";

type Where = "editor" | "field" | "page";

function whereIs(target: EventTarget | null): Where {
  if (!(target instanceof Element)) {
    return "page";
  }
  if (target.closest(".monaco-editor") !== null) {
    return "editor";
  }
  if (target.closest("dialog, input, textarea, select") !== null) {
    return "field";
  }
  return "page";
}

/** A press on a button, or in a tree that walks by itself. */
function belongsToControl(target: EventTarget | null, key: string): boolean {
  const plain = key === "Enter" || key === " " || key.startsWith("Arrow");
  return (
    plain &&
    target instanceof Element &&
    target.closest("button, a, [role=tree], [role=option], [role=tab], summary") !== null
  );
}

/** The editor's own lists and find box are left by Escape first. */
function editorIsBusy(key: string): boolean {
  const open =
    ".suggest-widget.visible, .find-widget.visible, .parameter-hints-widget.visible, .monaco-hover:not(.hidden)";
  return key === "Escape" && document.querySelector(open) !== null;
}

export function onKeyDown(app: App, event: KeyboardEvent): void {
  const key = keyName(event);
  const where = whereIs(event.target);
  const isFunctionKey = /F\d+$/.test(key);
  if (where === "field" && !isFunctionKey && key !== "Ctrl+S") {
    return;
  }
  if (where === "page" && belongsToControl(event.target, key)) {
    return;
  }
  if (editorIsBusy(key)) {
    return;
  }
  const command = commandFor(app.store.get(), key, where !== "page");
  if (command !== undefined) {
    event.preventDefault();
    event.stopPropagation();
    run(app, command);
  } else if (isFunctionKey && /^(F5|F6|F9|F10|F11)$/.test(key)) {
    event.preventDefault(); // a step too many must not reload the page
  }
}

export function onBeforeUnload(app: App, event: BeforeUnloadEvent): void {
  const { file } = app.store.get();
  if (file !== undefined && isDirty(file)) {
    event.preventDefault();
  }
}
