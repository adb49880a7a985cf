// SPDX-License-Identifier: BSD-3-Clause
// What the kernel knows already when a session comes to it: outputs, what runs, its name.
import type { KernelPhase } from "../model/state.ts";
import type { KnownCell } from "../protocol/celldap.ts";
import type { DapClient } from "../protocol/client.ts";
import { isJson } from "../protocol/guards.ts";
import { type App, changeFile, changeKernel } from "./app.ts";
import { runNext } from "./running.ts";

export async function afterStart(app: App, client: DapClient): Promise<void> {
  const { cells } = await client.request("celldap/cells", {});
  cells.forEach((cell) => takeKnown(app, cell));
  const running = cells.some((cell) => cell.state === "running");
  const { phase } = app.store.get().kernel;
  const now: KernelPhase = phase === "stopped" ? phase : running ? "busy" : "idle";
  changeKernel(app, { phase: now, lost: false });
  await nameKernel(app);
  runNext(app);
}

/** What a cell put out while this page did not look. */
function takeKnown(app: App, known: KnownCell): void {
  const { outputs, state, executionCount } = known;
  if (outputs === undefined && state === undefined) {
    return;
  }
  changeFile(app, (file) => ({
    ...file,
    cells: file.cells.map((cell) =>
      cell.id === known.id
        ? {
            ...cell,
            outputs: outputs?.filter(isJson).map((data) => ({ data })) ?? cell.outputs,
            executionCount: executionCount ?? cell.executionCount,
          }
        : cell,
    ),
  }));
  if (state !== undefined) {
    const since = Date.now();
    app.store.update((now) => ({
      ...now,
      runs: new Map(now.runs).set(known.id, { state, since }),
    }));
  }
}

/** Which of the running kernels is ours: by its notebook. */
async function nameKernel(app: App): Promise<void> {
  const { installed, running } = await app.api.kernels();
  const { file } = app.store.get();
  const mine = running.find((kernel) => kernel.notebook === file?.absolute);
  const name = installed.find((kernel) => kernel.name === mine?.kernelName)?.displayName;
  changeKernel(app, {
    name: name ?? mine?.kernelName ?? "kernel",
    ...(mine === undefined ? {} : { id: mine.id }),
  });
}
