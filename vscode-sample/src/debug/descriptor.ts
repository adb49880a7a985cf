// SPDX-License-Identifier: BSD-3-Clause
// How VS Code reaches the adapter: the program on stdio, or one that listens already.

import * as vscode from "vscode";

import { celldapBinary } from "../kernel/prepare.js";
import { log, words } from "../log.js";
import { doorOf } from "./config.js";

/** Makes descriptors; without a usable program it says what to do. */
export class DescriptorFactory implements vscode.DebugAdapterDescriptorFactory {
  constructor(private readonly extension: vscode.Uri) {}

  async createDebugAdapterDescriptor(
    session: vscode.DebugSession,
  ): Promise<vscode.DebugAdapterDescriptor> {
    const door = doorOf(session.configuration);
    if (door && "pipe" in door) {
      return new vscode.DebugAdapterNamedPipeServer(door.pipe);
    }
    if (door) {
      return new vscode.DebugAdapterServer(door.port, door.host);
    }
    try {
      const binary = await celldapBinary(this.extension);
      return new vscode.DebugAdapterExecutable(binary, ["--stdio"]);
    } catch (error) {
      log().error(words(error));
      void offerSetting(error);
      throw error;
    }
  }
}

/** Shows what is wrong with the program, with a way to the setting. */
export async function offerSetting(error: unknown): Promise<void> {
  const open = "Open Setting";
  if ((await vscode.window.showErrorMessage(words(error), open)) === open) {
    await vscode.commands.executeCommand(
      "workbench.action.openSettings",
      "celldap.path",
    );
  }
}
