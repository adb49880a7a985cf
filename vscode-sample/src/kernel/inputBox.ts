// SPDX-License-Identifier: BSD-3-Clause
// input() and getpass() of a cell: a box, which goes away with its cell; closing it is an interrupt.

import * as vscode from "vscode";

import type { InputWaits } from "../dap/protocol.js";
import { complain } from "../log.js";
import type { KernelSession } from "./session.js";

/** Asks the user; token is cancelled when nobody waits any more. */
export async function askInput(
  waits: InputWaits,
  session: KernelSession,
  token: vscode.CancellationToken,
): Promise<void> {
  const value = await vscode.window.showInputBox(
    {
      prompt: waits.prompt || "input()",
      password: waits.password,
      ignoreFocusOut: true,
    },
    token,
  );
  if (token.isCancellationRequested) {
    return;
  }
  try {
    await (value === undefined ? session.interrupt() : session.answer(value));
  } catch (error) {
    void complain(error);
  }
}
