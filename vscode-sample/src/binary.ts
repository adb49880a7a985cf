// SPDX-License-Identifier: BSD-3-Clause
// Where celldap's program is, and whether it is new enough. Messages say what to do.

import { execFile } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

/** The first release with all that this extension asks for. */
export const NEEDED = "2026.11.0";

const HOW_TO_GET =
  "Build celldap with './dev build' and set 'celldap.path' to its build/bin/celldap, or put that folder on PATH.";

/** Where it is looked for. */
export interface Places {
  /** The setting celldap.path; empty: not set. */
  readonly setting: string;
  /** The PATH variable. */
  readonly path: string;
  /** Folders that may be a checkout of celldap with a build tree. */
  readonly checkouts: readonly string[];
}

/** No program, or one that cannot be used. */
export class BinaryError extends Error {
  override name = "BinaryError";
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The setting, else PATH, else a build tree; throws BinaryError. */
export function findBinary(places: Places): string {
  if (places.setting !== "") {
    if (!isProgram(places.setting)) {
      throw new BinaryError(
        `celldap.path is '${places.setting}', which is no program. Correct the setting, or clear it to have celldap looked for on PATH.`,
      );
    }
    return places.setting;
  }
  const candidates = [
    ...places.path
      .split(delimiter)
      .filter(Boolean)
      .map((folder) => join(folder, "celldap")),
    ...places.checkouts.map((folder) => join(folder, "build/bin/celldap")),
  ];
  const found = candidates.find(isProgram);
  if (found === undefined) {
    throw new BinaryError(`celldap was not found on PATH. ${HOW_TO_GET}`);
  }
  return found;
}

function older(version: string, than: string): boolean {
  const [a, b] = [version, than].map((v) => v.split(".").map(Number));
  const at = (a ?? []).findIndex((part, i) => part !== (b?.[i] ?? 0));
  return at >= 0 && (a?.[at] ?? 0) < (b?.[at] ?? 0);
}

/** The program's version; throws BinaryError when it is no celldap, or too old. */
export async function checkBinary(file: string): Promise<string> {
  let said: string;
  try {
    const run = promisify(execFile);
    said = (await run(file, ["--version"], { timeout: 20_000 })).stdout;
  } catch (error) {
    throw new BinaryError(`'${file}' does not run: ${String(error)}`);
  }
  const version = /^celldap (\d+(?:\.\d+)*)/.exec(said)?.[1];
  if (version === undefined) {
    throw new BinaryError(
      `'${file}' is not celldap: it says '${said.slice(0, 80).trim()}'. Correct the setting 'celldap.path'.`,
    );
  }
  if (older(version, NEEDED)) {
    throw new BinaryError(
      `'${file}' is celldap ${version}; this extension needs ${NEEDED} or newer. Update it: git pull && ./dev build.`,
    );
  }
  return version;
}
