// SPDX-License-Identifier: BSD-3-Clause
// The debug sessions of notebooks: one a notebook, kept from cell to cell.

import { basename } from "node:path";

import * as vscode from "vscode";

import { codeCells } from "../kernel/cells.js";
import type { Kernels } from "../kernel/controller.js";
import type { LiveSession } from "../kernel/host.js";
import { complain, log, words } from "../log.js";
import { ANNOUNCE_KEY, attachTo, NOTEBOOK_KEY, RUN_KEY } from "./config.js";
import type { Configuration } from "./config.js";
import { Debugging } from "./debugging.js";
import { hear } from "./customEvents.js";

/** Sessions by notebook. */
export class NotebookDebugger {
  private readonly byNotebook = new Map<string, Debugging>();
  private readonly bySession = new Map<string, Debugging>();
  private readonly disposables: vscode.Disposable[];

  constructor(private readonly kernels: () => Kernels) {
    this.disposables = [
      vscode.debug.registerDebugAdapterTrackerFactory("celldap", {
        createDebugAdapterTracker: (session) => this.track(session),
      }),
      vscode.debug.onDidTerminateDebugSession((session) => {
        this.ended(session);
      }),
      vscode.debug.onDidReceiveDebugSessionCustomEvent((event) => {
        this.custom(event);
      }),
      vscode.workspace.onDidSaveNotebookDocument((notebook) => {
        this.saved(notebook);
      }),
      vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
        closed.forEach((tab) => {
          this.closed(tab);
        });
      }),
    ];
  }

  /** The session of a notebook, if it has one. */
  of(notebook: vscode.NotebookDocument): Debugging | undefined {
    return this.byNotebook.get(notebook.uri.toString());
  }

  /** The session in whose stop a cell of this notebook would run. */
  live(notebook: vscode.NotebookDocument): LiveSession | undefined {
    const debugging = this.of(notebook);
    return debugging?.isStopped === true ? debugging : undefined;
  }

  /** The configuration of a session of this notebook's kernel, which is started for it. */
  async configuration(
    notebook: vscode.NotebookDocument,
    from: Readonly<Record<string, unknown>> = {},
  ): Promise<Configuration> {
    const kernels = this.kernels();
    await kernels.select(notebook);
    const kernel = await kernels.of(notebook).ready();
    const name = basename(notebook.uri.path);
    const uri = notebook.uri.toString();
    return attachTo(kernel.connectionFile, name, uri, from);
  }

  /** The notebook's session, begun if there is none; its cells are known to it. */
  async ensure(notebook: vscode.NotebookDocument): Promise<Debugging> {
    if (!this.of(notebook)) {
      const folder = vscode.workspace.getWorkspaceFolder(notebook.uri);
      const config = await this.configuration(notebook);
      if (!(await vscode.debug.startDebugging(folder, config))) {
        throw new Error("the debug session did not start");
      }
    }
    const debugging = this.of(notebook);
    if (!debugging) {
      throw new Error("the debug session has ended");
    }
    await debugging.attached;
    await debugging.announceAll();
    return debugging;
  }

  /** Debugs cells of one notebook. */
  async debug(
    notebook: vscode.NotebookDocument,
    cells: readonly vscode.NotebookCell[],
  ): Promise<void> {
    await this.ensure(notebook);
    await this.kernels().run(notebook, cells);
  }

  /** Ends the session of a notebook. */
  async stop(notebook: vscode.NotebookDocument): Promise<void> {
    const session = this.of(notebook)?.session;
    if (session) {
      await vscode.debug.stopDebugging(session);
    }
  }

  dispose(): void {
    this.disposables.forEach((one): void => {
      one.dispose();
    });
  }

  /** A stop keeps its notebook's document open: what the user closed is the editor. */
  private closed({ input }: vscode.Tab): void {
    const debugging =
      input instanceof vscode.TabInputNotebook
        ? this.byNotebook.get(input.uri.toString())
        : undefined;
    if (debugging) {
      void this.stop(debugging.notebook);
    }
  }

  private track(session: vscode.DebugSession): vscode.DebugAdapterTracker {
    const debugging = this.begin(session);
    return {
      onDidSendMessage: (message: unknown): void => {
        debugging?.heard(message);
      },
    };
  }

  private begin(session: vscode.DebugSession): Debugging | undefined {
    const own: unknown = session.configuration[NOTEBOOK_KEY];
    const key: unknown = own ?? session.configuration[ANNOUNCE_KEY];
    const notebook = vscode.workspace.notebookDocuments.find(
      (document) => document.uri.toString() === key,
    );
    if (!notebook) {
      return undefined;
    }
    const debugging = new Debugging(session, notebook);
    this.bySession.set(session.id, debugging);
    if (own === undefined) {
      void this.whenAttached(debugging, []);
      return debugging;
    }
    this.byNotebook.set(notebook.uri.toString(), debugging);
    if (session.configuration[RUN_KEY] === true) {
      void this.whenAttached(debugging, codeCells(notebook));
    }
    return debugging;
  }

  private async whenAttached(
    debugging: Debugging,
    cells: readonly vscode.NotebookCell[],
  ): Promise<void> {
    try {
      await debugging.attached;
      await debugging.announceAll();
      if (cells.length > 0) {
        await this.kernels().run(debugging.notebook, cells);
      }
    } catch (error) {
      void complain(error);
    }
  }

  /** A notebook was saved: a kernel that is not ours will run what is in it now. */
  private saved(notebook: vscode.NotebookDocument): void {
    for (const debugging of this.bySession.values()) {
      if (debugging.notebook === notebook) {
        debugging.announceAll().catch((error: unknown) => {
          log().warn(words(error));
        });
      }
    }
  }

  private ended(session: vscode.DebugSession): void {
    const debugging = this.bySession.get(session.id);
    this.bySession.delete(session.id);
    for (const [key, one] of this.byNotebook) {
      if (one === debugging) {
        this.byNotebook.delete(key);
      }
    }
    debugging?.end();
  }

  private custom(event: vscode.DebugSessionCustomEvent): void {
    const debugging = this.bySession.get(event.session.id);
    if (debugging) {
      hear(event, this.kernels().of(debugging.notebook).runs);
    }
  }
}
