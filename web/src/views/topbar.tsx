// SPDX-License-Identifier: BSD-3-Clause
// The bar at the top: the file and its state, the commands, the kernel.
import type { JSX } from "preact";
import type { State } from "../model/state.ts";
import { changeUi } from "../session/app.ts";
import { isDirty } from "../session/files.ts";
import { closeFile } from "../session/open.ts";
import { useApp, useSelect } from "./context.ts";
import { ActionButton, CommandButton } from "./icon.tsx";

function saveWords({ file }: State): string {
  if (file === undefined) {
    return "";
  }
  if (file.saving) {
    return "saving…";
  }
  if (file.conflict !== undefined) {
    return "not saved";
  }
  return isDirty(file) ? "unsaved changes" : "saved";
}

function FileName(): JSX.Element {
  const app = useApp();
  const path = useSelect((state) => state.file?.path ?? "");
  const words = useSelect(saveWords);
  return (
    <span class="file-name">
      <ActionButton icon="folder" title="All files" onClick={() => closeFile(app)} />
      <span class="file-path" title={path}>
        {path}
      </span>
      <span class={`save-state${words === "saved" ? "" : " unsaved"}`} role="status">
        {words === "saved" ? "" : <span class="unsaved-dot">●</span>} {words}
      </span>
    </span>
  );
}

const PHASES = {
  none: "no kernel",
  starting: "starting",
  idle: "idle",
  busy: "busy",
  stopped: "stopped",
  ended: "ended",
} as const;

export function KernelButton(): JSX.Element {
  const app = useApp();
  const kernel = useSelect((state) => state.kernel);
  const words = kernel.lost ? "connection lost" : PHASES[kernel.phase];
  return (
    <button
      type="button"
      class={`kernel kernel-${kernel.lost ? "lost" : kernel.phase}`}
      title="Choose a kernel"
      onClick={() => changeUi(app, { dialog: { kind: "kernels" } })}
    >
      <span class="kernel-light" aria-hidden="true" />
      <span class="kernel-name">{kernel.name === "" ? "Kernel" : kernel.name}</span>
      <span class="kernel-phase" role="status">
        {words}
      </span>
    </button>
  );
}

export function DebugBar(): JSX.Element {
  const stopped = useSelect((state) => state.debug.stop !== undefined);
  return (
    <div
      class={`bar-group debug-bar${stopped ? " active" : ""}`}
      role="toolbar"
      aria-label="debugger"
    >
      {stopped ? <CommandButton id="continue" /> : <CommandButton id="pause" />}
      <CommandButton id="next" />
      <CommandButton id="stepIn" />
      <CommandButton id="stepOut" />
      <CommandButton id="stepTargets" />
      <CommandButton id="jump" />
      <CommandButton id="interrupt" />
      <CommandButton id="restart" />
    </div>
  );
}

export function TopBar(): JSX.Element {
  const open = useSelect((state) => state.file !== undefined);
  return (
    <header class="topbar">
      {open ? <FileName /> : <span class="brand">celldap</span>}
      {open && (
        <div class="bar-group" role="toolbar" aria-label="notebook">
          <CommandButton id="save" />
          <CommandButton id="addBelow" />
          <CommandButton id="runHere" />
          <CommandButton id="runAll" label="Run all" />
          <CommandButton id="clearOutputs" />
        </div>
      )}
      {open && <DebugBar />}
      <span class="spacer" />
      {open && <KernelButton />}
      <div class="bar-group" role="toolbar" aria-label="page">
        {open && <CommandButton id="console" />}
        {open && <CommandButton id="sidebar" />}
        <CommandButton id="keys" />
        <CommandButton id="theme" />
      </div>
    </header>
  );
}
