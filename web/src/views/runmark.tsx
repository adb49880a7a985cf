// SPDX-License-Identifier: BSD-3-Clause
// The margin of a code cell: its run button and number, and how its last run went.
import type { JSX } from "preact";
import { useEffect, useReducer } from "preact/hooks";
import type { Cell } from "../model/notebook.ts";
import type { CellRun } from "../model/state.ts";
import { useSelect } from "./context.ts";
import { Icon } from "./icon.tsx";

function seconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** Counts while the cell runs, from its second second on. */
function Clock({ since }: { readonly since: number }): JSX.Element {
  const [, tick] = useReducer((n: number) => n + 1, 0);
  useEffect(() => {
    const timer = setInterval(() => tick(undefined), 1000);
    return () => clearInterval(timer);
  }, []);
  const passed = Date.now() - since;
  return <span class="run-time">{passed < 1000 ? "" : `${Math.floor(passed / 1000)} s`}</span>;
}

const ICONS = {
  queued: "ellipsis",
  running: "loading",
  ok: "check",
  error: "error",
  cancelled: "circle-slash",
} as const;

const WORDS = {
  queued: "waits for its turn",
  running: "runs",
  ok: "ran",
  error: "failed",
  cancelled: "was not run",
} as const;

function State({ run }: { readonly run: CellRun }): JSX.Element {
  const took = run.took === undefined ? "" : ` in ${seconds(run.took)}`;
  const words = WORDS[run.state] + took;
  return (
    <span class={`run-state run-${run.state}`} title={words}>
      <Icon name={ICONS[run.state]} />
      <span class="visually-hidden">{words}</span>
      {run.state === "running" ? (
        <Clock since={run.since} />
      ) : (
        run.took !== undefined && <span class="run-time">{seconds(run.took)}</span>
      )}
    </span>
  );
}

interface Props {
  readonly cell: Cell;
  readonly onRun: () => void;
}

export function RunMark({ cell, onRun }: Props): JSX.Element {
  const run = useSelect((state) => state.runs.get(cell.id));
  const count = `[${run?.state === "running" ? "*" : (cell.executionCount ?? " ")}]`;
  return (
    <div class="cell-margin">
      <button
        type="button"
        class="run-button"
        title="Run the cell (Ctrl+Enter)"
        aria-label={`Run the cell ${count}`}
        onClick={onRun}
      >
        <Icon name="play" />
        <span class="run-count">{count}</span>
      </button>
      {run !== undefined && <State run={run} />}
    </div>
  );
}
