// SPDX-License-Identifier: BSD-3-Clause
// The kernel "celldap" that VS Code offers for notebooks, and the kernel of each open notebook.

import * as vscode from "vscode";

import { complain } from "../log.js";
import type { KernelHost } from "./host.js";
import { NotebookKernel } from "./notebookKernel.js";

const ID = "celldap-kernel";

/** VS Code's own type of .ipynb editors. */
export const NOTEBOOK_TYPE = "jupyter-notebook";

/** All kernels of this window. */
export class Kernels {
  private readonly controller: vscode.NotebookController;
  private readonly kernels = new Map<string, NotebookKernel>();
  private readonly selected = new WeakSet<vscode.NotebookDocument>();
  private readonly renamed = new Map<string, string>();
  private readonly disposables: { dispose(): unknown }[];

  constructor(
    private readonly extensionId: string,
    private readonly host: KernelHost,
  ) {
    this.controller = vscode.notebooks.createNotebookController(
      ID,
      NOTEBOOK_TYPE,
      "celldap",
    );
    this.controller.description = "Python with a debugger";
    this.controller.supportedLanguages = ["python"];
    this.controller.supportsExecutionOrder = true;
    this.controller.executeHandler = (cells, notebook) =>
      this.run(notebook, cells);
    this.controller.interruptHandler = (notebook) =>
      this.of(notebook).interrupt();
    this.disposables = [this.controller, ...this.listen()];
  }

  /** The kernel of a notebook, started or not. */
  of(notebook: vscode.NotebookDocument): NotebookKernel {
    const key = notebook.uri.toString();
    let kernel = this.kernels.get(key);
    if (!kernel) {
      kernel = new NotebookKernel(notebook, this.controller, this.host);
      this.kernels.set(key, kernel);
    }
    return kernel;
  }

  /** Makes this the notebook's kernel, as a click on it would. */
  async select(notebook: vscode.NotebookDocument): Promise<void> {
    if (this.selected.has(notebook)) {
      return;
    }
    const notebookEditor =
      vscode.window.visibleNotebookEditors.find(
        (editor) => editor.notebook === notebook,
      ) ?? (await vscode.window.showNotebookDocument(notebook));
    const heard = new Promise<void>((resolve) => {
      const listener = this.controller.onDidChangeSelectedNotebooks((event) => {
        if (event.notebook === notebook && event.selected) {
          listener.dispose();
          resolve();
        }
      });
      this.disposables.push(listener);
    });
    await vscode.commands.executeCommand("notebook.selectKernel", {
      id: ID,
      extension: this.extensionId,
      notebookEditor,
    });
    await heard;
  }

  /** Runs cells in the notebook's kernel. */
  async run(
    notebook: vscode.NotebookDocument,
    cells: readonly vscode.NotebookCell[],
  ): Promise<void> {
    if (!vscode.workspace.isTrusted) {
      void complain(
        new Error("cells are not run: this workspace is not trusted"),
      );
      return;
    }
    await this.of(notebook).execute(cells);
  }

  /** Ends every kernel. */
  async close(): Promise<void> {
    const all = [...this.kernels.values()];
    this.kernels.clear();
    await Promise.all(all.map((kernel) => kernel.close()));
  }

  dispose(): void {
    this.disposables.forEach((one): void => {
      one.dispose();
    });
  }

  private listen(): vscode.Disposable[] {
    return [
      this.controller.onDidChangeSelectedNotebooks((event) => {
        if (event.selected) {
          this.selected.add(event.notebook);
        } else {
          this.selected.delete(event.notebook);
        }
      }),
      vscode.workspace.onDidOpenNotebookDocument((notebook) => {
        this.prefer(notebook);
        this.adopt(notebook);
      }),
      vscode.workspace.onDidCloseNotebookDocument((notebook) => {
        this.closed(notebook);
      }),
      vscode.workspace.onWillRenameFiles((event) => {
        for (const { oldUri, newUri } of event.files) {
          this.renamed.set(oldUri.toString(), newUri.toString());
        }
      }),
    ];
  }

  /** Offers this kernel first where the notebook is Python's. */
  private prefer(notebook: vscode.NotebookDocument): void {
    if (notebook.notebookType === NOTEBOOK_TYPE) {
      this.controller.updateNotebookAffinity(
        notebook,
        vscode.NotebookControllerAffinity.Preferred,
      );
    }
  }

  /** A notebook that was renamed, or whose folder was, keeps its kernel. */
  private adopt(notebook: vscode.NotebookDocument): void {
    const key = notebook.uri.toString();
    this.renamed.delete(key);
    for (const [old, kernel] of this.kernels) {
      if (old !== key && this.renameOf(old)?.to === key) {
        this.renamed.delete(this.renameOf(old)?.from ?? "");
        this.kernels.delete(old);
        kernel.notebook = notebook;
        this.kernels.set(key, kernel);
      }
    }
  }

  private renameOf(key: string): { from: string; to: string } | undefined {
    for (const [from, to] of this.renamed) {
      if (key === from || key.startsWith(`${from}/`)) {
        return { from, to: to + key.slice(from.length) };
      }
    }
    return undefined;
  }

  private closed(notebook: vscode.NotebookDocument): void {
    const key = notebook.uri.toString();
    if (!this.renameOf(key)) {
      void this.kernels.get(key)?.close();
      this.kernels.delete(key);
    }
  }
}
