// SPDX-License-Identifier: BSD-3-Clause
// A DataFrame of a stopped program as a table in an editor tab, a page of rows at a time.

import { randomBytes } from "node:crypto";

import * as vscode from "vscode";

import { isRecord } from "../dap/protocol.js";
import { complain } from "../log.js";
import { pageExpression, readPage, renderPage } from "./tablePage.js";

interface Wanted {
  readonly session: vscode.DebugSession;
  readonly frameId: number | undefined;
  readonly expression: string;
}

/** What the variables view gives to its context menu's commands. */
function wanted(argument: unknown): Wanted {
  const variable = isRecord(argument) ? argument["variable"] : undefined;
  const expression = isRecord(variable) ? variable["evaluateName"] : undefined;
  const session = vscode.debug.activeDebugSession;
  if (typeof expression !== "string" || expression === "" || !session) {
    throw new Error("choose a variable of a stopped celldap session");
  }
  const item = vscode.debug.activeStackItem;
  const frameId =
    item instanceof vscode.DebugStackFrame ? item.frameId : undefined;
  return { session, frameId, expression };
}

async function page(from: Wanted, start: number, nonce: string) {
  const reply: unknown = await from.session.customRequest("evaluate", {
    expression: pageExpression(from.expression, start),
    context: "clipboard",
    ...(from.frameId === undefined ? {} : { frameId: from.frameId }),
  });
  const result = isRecord(reply) ? reply["result"] : undefined;
  return renderPage(from.expression, readPage(result), nonce);
}

/** Opens the table of the variable that was clicked. */
export async function viewTable(argument: unknown): Promise<void> {
  const from = wanted(argument);
  const nonce = randomBytes(16).toString("hex");
  const first = await page(from, 0, nonce);
  const panel = vscode.window.createWebviewPanel(
    "celldap.table",
    from.expression,
    { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
    { enableScripts: true },
  );
  panel.webview.html = first;
  panel.webview.onDidReceiveMessage((start: unknown) => {
    page(from, Number(start), nonce).then(
      (html) => {
        panel.webview.html = html;
      },
      (error: unknown) => {
        void complain(error);
      },
    );
  });
}
