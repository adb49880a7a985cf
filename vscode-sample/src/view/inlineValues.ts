// SPDX-License-Identifier: BSD-3-Clause
// Values beside the code of the function that is stopped, and what a hover evaluates.

import * as vscode from "vscode";

import { expressionAt, namesIn } from "./names.js";

function values(
  document: vscode.TextDocument,
  viewPort: vscode.Range,
  stoppedAt: vscode.Range,
): vscode.InlineValue[] {
  const last = Math.min(stoppedAt.end.line, viewPort.end.line);
  const lines = Array.from(
    { length: last + 1 },
    (_, i) => document.lineAt(i).text,
  );
  return namesIn(lines, stoppedAt.start.line).map(
    ({ line, start, name }) =>
      new vscode.InlineValueVariableLookup(
        new vscode.Range(line, start, line, start + name.length),
        name,
        true,
      ),
  );
}

/** Registers both for Python, in files and in cells. */
export function registerInlineValues(): vscode.Disposable {
  const python: vscode.DocumentSelector = { language: "python" };
  return vscode.Disposable.from(
    vscode.languages.registerInlineValuesProvider(python, {
      provideInlineValues: (document, viewPort, context) =>
        values(document, viewPort, context.stoppedLocation),
    }),
    vscode.languages.registerEvaluatableExpressionProvider(python, {
      provideEvaluatableExpression: (document, position) => {
        const found = expressionAt(
          document.lineAt(position.line).text,
          position.character,
        );
        return (
          found &&
          new vscode.EvaluatableExpression(
            new vscode.Range(
              position.line,
              found.start,
              position.line,
              found.start + found.text.length,
            ),
            found.text,
          )
        );
      },
    }),
  );
}
