// SPDX-License-Identifier: BSD-3-Clause
// The output channel "celldap", and how failures reach the user.

import * as vscode from "vscode";

let channel: vscode.LogOutputChannel | undefined;

/** The channel; made at the first call. */
export function log(): vscode.LogOutputChannel {
  channel ??= vscode.window.createOutputChannel("celldap", { log: true });
  return channel;
}

/** Frees the channel. */
export const logDisposable = {
  dispose: () => {
    channel?.dispose();
    channel = undefined;
  },
};

/** An error's own words. */
export function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Tells the user, and the log. */
export function complain(
  error: unknown,
  ...actions: string[]
): Thenable<string | undefined> {
  log().error(error instanceof Error ? error : String(error));
  return vscode.window.showErrorMessage(`celldap: ${words(error)}`, ...actions);
}
