// SPDX-License-Identifier: BSD-3-Clause
// Which Python a notebook's kernel runs in: what is found on this machine, and what the user chose.

import { execFile } from "node:child_process";
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";

import * as vscode from "vscode";

const KEY = "celldap.python:";
const ASK =
  "import sys; print('%d.%d.%d' % sys.version_info[:3], sys.executable)";

/** An interpreter that runs. */
export interface Interpreter {
  readonly path: string;
  readonly version: string;
}

/** What the user chose for this notebook. */
export function chosenPython(
  context: vscode.ExtensionContext,
  notebook: vscode.NotebookDocument,
): string | undefined {
  return context.workspaceState.get<string>(KEY + notebook.uri.toString());
}

function versionsIn(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name, "bin/python3"));
  } catch {
    return [];
  }
}

/** Where interpreters are, the nearest first. */
export function candidates(folders: readonly string[]): string[] {
  const near = folders.flatMap((folder) => [
    join(folder, ".venv/bin/python"),
    join(folder, "venv/bin/python"),
  ]);
  const active = process.env["VIRTUAL_ENV"];
  const onPath = (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, "python3"));
  return [
    ...near,
    ...(active === undefined ? [] : [join(active, "bin/python")]),
    ...onPath,
    ...versionsIn(join(homedir(), ".pyenv/versions")),
    ...versionsIn(join(homedir(), ".local/share/uv/python")),
  ].filter(existsSync);
}

/** Asks each what it is; those of 3.12 and newer, each environment once. */
export async function interpreters(
  paths: readonly string[],
): Promise<Interpreter[]> {
  const places = paths.map((path) => {
    // a venv's python is a link to its base's: the folder tells them apart
    return join(realpathSync(dirname(path)), "python");
  });
  const once = paths.filter((_, i) => places.indexOf(places[i] ?? "") === i);
  const asked = await Promise.all(once.map(ask));
  return asked.filter((one) => one !== undefined);
}

async function ask(path: string): Promise<Interpreter | undefined> {
  try {
    const { stdout } = await promisify(execFile)(path, ["-I", "-c", ASK], {
      timeout: 20_000,
    });
    const version = /^3\.(\d+)\.\d+/.exec(stdout);
    return version && Number(version[1]) >= 12
      ? { path, version: version[0] }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Lets the user choose; true: the choice changed. */
export async function choosePython(
  context: vscode.ExtensionContext,
  notebook: vscode.NotebookDocument,
): Promise<boolean> {
  const folders = [
    dirname(notebook.uri.fsPath),
    ...(vscode.workspace.workspaceFolders ?? []).map((f) => f.uri.fsPath),
  ];
  const found = interpreters(candidates(folders));
  const items = found.then((all) => [
    { label: "Automatic", description: "as celldap chooses", path: undefined },
    ...all.map(({ path, version }) => ({
      label: `Python ${version}`,
      description: path,
      path,
    })),
  ]);
  const picked = await vscode.window.showQuickPick(items, {
    title: "Python of this notebook's kernel",
    matchOnDescription: true,
  });
  if (!picked || picked.path === chosenPython(context, notebook)) {
    return false;
  }
  await context.workspaceState.update(
    KEY + notebook.uri.toString(),
    picked.path,
  );
  return true;
}
