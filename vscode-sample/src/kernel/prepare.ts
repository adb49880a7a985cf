// SPDX-License-Identifier: BSD-3-Clause
// What a notebook's kernel is started with: the program celldap, the file, the folder, the Python.

import { mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

import * as vscode from "vscode";

import { checkBinary, findBinary } from "../binary.js";
import type { KernelLaunch } from "./session.js";

/** A notebook without a file, for a kernel that only runs what it is told. */
const EMPTY = { cells: [], metadata: {}, nbformat: 4, nbformat_minor: 5 };

/** The program celldap, checked; throws BinaryError. */
export async function celldapBinary(extension: vscode.Uri): Promise<string> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const setting = vscode.workspace
    .getConfiguration("celldap")
    .get<string>("path", "");
  const binary = findBinary({
    setting,
    path: process.env["PATH"] ?? "",
    checkouts: [
      dirname(extension.fsPath),
      ...folders.map((folder) => folder.uri.fsPath),
    ],
  });
  await checkBinary(binary);
  return binary;
}

function fallbackFolder(): string {
  return vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? homedir();
}

/** The file that the bridge is told, and the folder that cells run in. */
function place(
  notebook: vscode.NotebookDocument,
  storage: vscode.Uri,
): { program: string; cwd: string } {
  if (notebook.uri.scheme === "file") {
    const program = notebook.uri.fsPath;
    return { program, cwd: dirname(program) };
  }
  mkdirSync(storage.fsPath, { recursive: true });
  const program = join(storage.fsPath, "untitled.ipynb");
  writeFileSync(program, JSON.stringify(EMPTY));
  return { program, cwd: fallbackFolder() };
}

/** Keys of a launch configuration that concern the start of a kernel. */
const START_KEYS = [
  "python",
  "pythonPath",
  "pythonArgs",
  "kernel",
  "env",
  "envFile",
  "args",
  "cwd",
];

/** A kernel's launch. python: chosen by the user for this notebook; wishes: a launch configuration. */
export function kernelLaunch(
  notebook: vscode.NotebookDocument,
  storage: vscode.Uri,
  python: string | undefined,
  wishes: Readonly<Record<string, unknown>>,
): KernelLaunch {
  const settings = vscode.workspace.getConfiguration("celldap", notebook.uri);
  const wanted = python ?? settings.get<string>("python", "");
  const wished = START_KEYS.filter((key) => wishes[key] !== undefined);
  return {
    ...place(notebook, storage),
    ...(wanted === "" ? {} : { python: wanted }),
    ...Object.fromEntries(wished.map((key) => [key, wishes[key]])),
  };
}
