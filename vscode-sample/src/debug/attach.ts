// SPDX-License-Identifier: BSD-3-Clause
// Kernels that somebody else started: the list, and a session with one of them.

import { execFile } from "node:child_process";
import { promisify } from "node:util";

import * as vscode from "vscode";

import { NOTEBOOK_TYPE } from "../kernel/controller.js";
import { celldapBinary } from "../kernel/prepare.js";
import { ANNOUNCE_KEY } from "./config.js";
import { readKernels } from "./kernelList.js";

/** Lets the user pick one; resolves with its connection file. Value of ${command:pickKernel}. */
export async function pickKernel(
  extension: vscode.Uri,
): Promise<string | undefined> {
  const binary = await celldapBinary(extension);
  const { stdout } = await promisify(execFile)(binary, ["kernels", "--json"], {
    maxBuffer: 16 * 1024 * 1024,
  });
  const kernels = readKernels(stdout, new Date());
  if (kernels.length === 0) {
    throw new Error("no running kernel was found in Jupyter's runtime folder");
  }
  const picked = await vscode.window.showQuickPick(
    kernels.map(({ file, title, detail }) => ({
      label: title,
      description: detail,
      detail: file,
    })),
    { title: "Running kernels", matchOnDetail: true, matchOnDescription: true },
  );
  return picked?.detail;
}

/** Debugs a running kernel; cells of the active notebook are known in it by their text and ids. */
export async function attachToKernel(extension: vscode.Uri): Promise<void> {
  const notebook = vscode.window.activeNotebookEditor?.notebook;
  const connectionFile = await pickKernel(extension);
  if (connectionFile === undefined) {
    return;
  }
  const known = notebook?.notebookType === NOTEBOOK_TYPE ? notebook : undefined;
  await vscode.debug.startDebugging(
    known && vscode.workspace.getWorkspaceFolder(known.uri),
    {
      type: "celldap",
      request: "attach",
      name: "celldap: running kernel",
      connectionFile,
      ...(known ? { [ANNOUNCE_KEY]: known.uri.toString() } : {}),
    },
  );
}
