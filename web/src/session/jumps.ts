// SPDX-License-Identifier: BSD-3-Clause
// Into which call to step, and on which line to go on.
import type { Place } from "../model/breakpoints.ts";
import { type App, changeUi, notify, sessionOf } from "./app.ts";
import { sourceOf } from "./places.ts";
import { onContinued } from "./stops.ts";

/** Asks which call of the line is meant. */
export async function chooseStepTarget(app: App): Promise<void> {
  const { frame, stop } = app.store.get().debug;
  if (frame === undefined || stop === undefined) {
    return;
  }
  const { threadId } = stop;
  const { targets } = await sessionOf(app).request("stepInTargets", { frameId: frame.id });
  const into = async (targetId: number): Promise<void> => {
    await sessionOf(app).request("stepIn", { threadId, targetId });
    onContinued(app);
  };
  if (targets.length === 0) {
    notify(app, "This line calls nothing that can be stepped into.");
    return;
  }
  changeUi(app, {
    dialog: {
      kind: "choice",
      title: "Step into",
      choices: targets.map(({ id, label }) => ({ label, pick: () => void into(id) })),
    },
  });
}

/** The program goes on at this line; nothing between is run. */
export async function jumpTo(app: App, place: Place, line: number): Promise<void> {
  const { stop } = app.store.get().debug;
  if (stop === undefined) {
    return;
  }
  const client = sessionOf(app);
  const source = sourceOf(app.store.get(), place);
  const { targets } = await client.request("gotoTargets", { source, line });
  const [target] = targets;
  if (target === undefined) {
    notify(app, `The program cannot go on at line ${line}.`);
    return;
  }
  await client.request("goto", { threadId: stop.threadId, targetId: target.id });
}
