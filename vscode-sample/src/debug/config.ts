// SPDX-License-Identifier: BSD-3-Clause
// Debug configurations without VS Code's types: what is completed, and how the adapter is reached.

import { DECLARATION } from "../dap/protocol.js";

/** A configuration of type celldap, as launch.json has it. */
export interface Configuration {
  type: string;
  name: string;
  request: string;
  [key: string]: unknown;
}

/** The file that is open, for F5 without a launch.json. */
export interface OpenFile {
  readonly path: string;
  readonly kind: "notebook" | "python";
}

/** F5 without a launch.json; undefined: nothing that can be debugged is open. */
export function forOpenFile(
  open: OpenFile | undefined,
): Configuration | undefined {
  return (
    open && {
      type: "celldap",
      request: "launch",
      name: open.kind === "notebook" ? "Debug notebook" : "Debug Python file",
      program: open.path,
    }
  );
}

/** Key of a configuration: the notebook whose session it is. */
export const NOTEBOOK_KEY = "__celldapNotebook";
/** Key of a configuration: run the whole notebook when attached. */
export const RUN_KEY = "__celldapRun";

/** Key of a configuration: the notebook whose cells a kernel that is not ours may run. */
export const ANNOUNCE_KEY = "__celldapAnnounce";

/** What a configuration keeps of a launch when it becomes an attach. */
const KEPT = /^(justMyCode|rules|subProcess|variablePresentation|adapter)$/;

/** A session of a notebook's own kernel. */
export function attachTo(
  connectionFile: string,
  name: string,
  notebook: string,
  from: Readonly<Record<string, unknown>>,
): Configuration {
  const kept = Object.entries(from).filter(([key]) => KEPT.test(key));
  return {
    ...Object.fromEntries(kept),
    type: "celldap",
    request: "attach",
    name,
    connectionFile,
    celldap: DECLARATION,
    [NOTEBOOK_KEY]: notebook,
  };
}

/** How the adapter is reached when not started: HOST:PORT, or the path of a pipe. */
export type Door =
  { readonly host: string; readonly port: number } | { readonly pipe: string };

/** The key `adapter` of a configuration; undefined: it is started. Throws on what is neither. */
export function doorOf(config: Configuration): Door | undefined {
  const adapter = config["adapter"];
  if (adapter === undefined || adapter === "") {
    return undefined;
  }
  const tcp =
    typeof adapter === "string"
      ? /^(?:([^/:]+):)?(\d{1,5})$/.exec(adapter)
      : null;
  if (tcp) {
    return { host: tcp[1] ?? "127.0.0.1", port: Number(tcp[2]) };
  }
  if (typeof adapter === "string" && adapter.startsWith("/")) {
    return { pipe: adapter };
  }
  throw new Error(
    `adapter: ${JSON.stringify(adapter)} is neither HOST:PORT nor the absolute path of a pipe`,
  );
}
