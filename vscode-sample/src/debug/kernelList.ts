// SPDX-License-Identifier: BSD-3-Clause
// What `celldap kernels --json` prints, as a list to choose from.

import { isRecord } from "../dap/protocol.js";

/** A kernel of `celldap kernels --json` that answers. */
export interface RunningKernel {
  readonly file: string;
  readonly title: string;
  readonly detail: string;
}

/** Reads the list; throws on what is none. */
export function readKernels(json: string, now: Date): RunningKernel[] {
  const list: unknown = JSON.parse(json);
  const running = isRecord(list) ? list["running"] : undefined;
  if (!Array.isArray(running)) {
    throw new Error("'celldap kernels --json' printed no list");
  }
  return running
    .filter(isRecord)
    .filter((kernel) => kernel["state"] === "alive")
    .map((kernel) => describe(kernel, now));
}

function words(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function describe(
  kernel: Readonly<Record<string, unknown>>,
  now: Date,
): RunningKernel {
  const minutes = Math.round(
    (now.getTime() / 1000 - Number(kernel["since"])) / 60,
  );
  const parts = [
    words(kernel["implementation"]),
    words(kernel["execution_state"]),
    Number.isFinite(minutes) ? `started ${String(minutes)} min ago` : "",
  ];
  return {
    file: words(kernel["file"]),
    title:
      words(kernel["notebook"]) ||
      words(kernel["kernel_name"]) ||
      words(kernel["id"]),
    detail: parts.filter(Boolean).join(" · "),
  };
}
