// SPDX-License-Identifier: BSD-3-Clause
// Commands of the debugger, with the keys of VS Code.
import type { Command } from "./command.ts";
import { editBreakpoint } from "../editor/attach.ts";
import { cursor } from "../editor/focus.ts";
import * as list from "../model/breakpoints.ts";
import type { State } from "../model/state.ts";
import { type App, sessionOf } from "../session/app.ts";
import { changeBreakpoints } from "../session/breakpoints.ts";
import { chooseStepTarget, jumpTo } from "../session/jumps.ts";
import { interrupt, runCells } from "../session/running.ts";
import { restartKernel } from "../session/session.ts";
import { step } from "../session/stops.ts";

const isStopped = (state: State): boolean => state.debug.stop !== undefined;
const isBusy = (state: State): boolean =>
  state.kernel.phase === "busy" || state.kernel.phase === "stopped";
const hasKernel = (state: State): boolean => state.kernel.phase !== "none";

function toggleHere(app: App): void {
  const at = cursor(app);
  if (at !== undefined) {
    changeBreakpoints(app, (all) => list.toggle(all, at.place, at.line));
  }
}

/** A breakpoint at a column of its own: the last place in the line before the cursor. */
async function toggleColumn(app: App): Promise<void> {
  const at = cursor(app);
  if (at === undefined) {
    return;
  }
  const there = list
    .onLine(app.store.get().breakpoints, at.place, at.line)
    .find((breakpoint) => breakpoint.column === at.column);
  changeBreakpoints(app, (all) =>
    there === undefined
      ? [...all, list.newBreakpoint(at.place, at.line, at.column)]
      : all.filter((breakpoint) => breakpoint !== there),
  );
  return Promise.resolve();
}

const stepCommands: readonly Command[] = [
  {
    id: "continue",
    title: "Continue",
    icon: "debug-continue",
    keys: ["F5"],
    when: isStopped,
    run: (app) => step(app, "continue"),
  },
  {
    id: "start",
    title: "Run all cells with the debugger",
    icon: "debug-alt",
    keys: ["F5"],
    when: (state) => !isStopped(state) && state.file !== undefined,
    run: (app) => runCells(app, app.store.get().file?.cells.map((cell) => cell.id) ?? []),
  },
  {
    id: "pause",
    title: "Pause",
    icon: "debug-pause",
    keys: ["F6"],
    when: (state) => hasKernel(state) && !isStopped(state),
    run: (app) => sessionOf(app).request("pause", { threadId: 1 }),
  },
  {
    id: "next",
    title: "Step over",
    icon: "debug-step-over",
    keys: ["F10"],
    when: isStopped,
    run: (app) => step(app, "next"),
  },
  {
    id: "stepIn",
    title: "Step into",
    icon: "debug-step-into",
    keys: ["F11"],
    when: isStopped,
    run: (app) => step(app, "stepIn"),
  },
  {
    id: "stepOut",
    title: "Step out",
    icon: "debug-step-out",
    keys: ["Shift+F11"],
    when: isStopped,
    run: (app) => step(app, "stepOut"),
  },
  {
    id: "stepTargets",
    title: "Step into one call of the line",
    icon: "list-selection",
    keys: ["Ctrl+F11"],
    when: isStopped,
    run: chooseStepTarget,
  },
  {
    id: "jump",
    title: "Go on at the cursor's line, running nothing between",
    icon: "debug-line-by-line",
    keys: ["Ctrl+Shift+F10"],
    when: isStopped,
    run: (app) => {
      const at = cursor(app);
      return at === undefined ? undefined : jumpTo(app, at.place, at.line);
    },
  },
];

const kernelCommands: readonly Command[] = [
  {
    id: "interrupt",
    title: "Interrupt what runs",
    icon: "debug-stop",
    keys: ["Shift+F5"],
    when: isBusy,
    run: interrupt,
  },
  {
    id: "restart",
    title: "Restart the kernel",
    icon: "debug-restart",
    keys: ["Ctrl+Shift+F5"],
    when: hasKernel,
    run: restartKernel,
  },
];

const breakpointCommands: readonly Command[] = [
  {
    id: "breakpoint",
    title: "Set or remove a breakpoint",
    icon: "circle-filled",
    keys: ["F9"],
    run: toggleHere,
  },
  {
    id: "columnBreakpoint",
    title: "Set or remove a breakpoint at the column",
    icon: "circle-small-filled",
    keys: ["Shift+F9"],
    run: toggleColumn,
  },
  {
    id: "editBreakpoint",
    title: "Condition, hit count or log message here",
    icon: "edit",
    keys: ["Ctrl+F9"],
    run: (app) => {
      const at = cursor(app);
      if (at !== undefined) {
        editBreakpoint(app, at.place, at.line);
      }
    },
  },
];

export const commands: readonly Command[] = [
  ...stepCommands,
  ...kernelCommands,
  ...breakpointCommands,
];
