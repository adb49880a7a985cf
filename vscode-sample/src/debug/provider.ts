// SPDX-License-Identifier: BSD-3-Clause
// Debug configurations in VS Code: initial and dynamic ones, and what F5 makes of one.

import * as vscode from "vscode";

import { codeCells } from "../kernel/cells.js";
import type { Kernels } from "../kernel/controller.js";
import { NOTEBOOK_TYPE } from "../kernel/controller.js";
import { complain } from "../log.js";
import { forOpenFile, RUN_KEY } from "./config.js";
import type { Configuration, OpenFile } from "./config.js";
import type { NotebookDebugger } from "./debugger.js";

/** What an editor shows that can be debugged. */
export function openFile(): OpenFile | undefined {
  const notebook = vscode.window.activeNotebookEditor?.notebook;
  if (notebook?.notebookType === NOTEBOOK_TYPE) {
    return { path: notebook.uri.fsPath, kind: "notebook" };
  }
  const document = vscode.window.activeTextEditor?.document;
  return document?.languageId === "python" && document.uri.scheme === "file"
    ? { path: document.uri.fsPath, kind: "python" }
    : undefined;
}

function openNotebook(path: unknown): vscode.NotebookDocument | undefined {
  return vscode.workspace.notebookDocuments.find(
    (document) =>
      document.notebookType === NOTEBOOK_TYPE && document.uri.fsPath === path,
  );
}

/** Dynamic configurations: those that need no launch.json. */
export const DYNAMIC: readonly Configuration[] = [
  {
    type: "celldap",
    request: "launch",
    name: "celldap: current notebook or Python file",
    program: "${file}",
  },
  {
    type: "celldap",
    request: "attach",
    name: "celldap: a running kernel",
    connectionFile: "${command:pickKernel}",
  },
];

/** Resolves configurations of type celldap. */
export class ConfigurationProvider
  implements vscode.DebugConfigurationProvider
{
  constructor(
    private readonly kernels: () => Kernels,
    private readonly notebooks: NotebookDebugger,
  ) {}

  resolveDebugConfiguration(
    _folder: vscode.WorkspaceFolder | undefined,
    config: vscode.DebugConfiguration,
  ): vscode.DebugConfiguration | undefined {
    if (config.type && config.request) {
      return config;
    }
    const made = forOpenFile(openFile());
    if (!made) {
      void complain(
        new Error("open a notebook or a Python file, or write a launch.json"),
      );
    }
    return made;
  }

  async resolveDebugConfigurationWithSubstitutedVariables(
    _folder: vscode.WorkspaceFolder | undefined,
    config: vscode.DebugConfiguration,
  ): Promise<vscode.DebugConfiguration | undefined> {
    try {
      const notebook =
        config.request === "launch"
          ? openNotebook(config["program"])
          : undefined;
      return notebook ? await this.takeOver(notebook, config) : config;
    } catch (error) {
      void complain(error);
      return undefined;
    }
  }

  /** A notebook that is open is debugged in its own kernel: outputs land in its cells. */
  private async takeOver(
    notebook: vscode.NotebookDocument,
    config: Configuration,
  ): Promise<vscode.DebugConfiguration | undefined> {
    const kernels = this.kernels();
    if (config["noDebug"] === true || this.notebooks.of(notebook)) {
      await kernels.select(notebook);
      void kernels.run(notebook, codeCells(notebook));
      return undefined;
    }
    kernels.of(notebook).wish(config);
    return {
      ...(await this.notebooks.configuration(notebook, config)),
      name: config.name,
      [RUN_KEY]: true,
    };
  }
}
