// SPDX-License-Identifier: BSD-3-Clause
// Completion and hover values in cells, asked from the kernel.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { App } from "../session/app.ts";
import { sessionOf } from "../session/app.ts";
import { complete } from "../session/console.ts";
import { editor, type IPosition, languages, Range } from "./monaco.ts";
import { expressionAt } from "./expression.ts";

const KINDS: Readonly<Record<string, languages.CompletionItemKind>> = {
  function: languages.CompletionItemKind.Function,
  method: languages.CompletionItemKind.Method,
  class: languages.CompletionItemKind.Class,
  module: languages.CompletionItemKind.Module,
  property: languages.CompletionItemKind.Property,
  field: languages.CompletionItemKind.Field,
  keyword: languages.CompletionItemKind.Keyword,
  value: languages.CompletionItemKind.Value,
};

function suggestion(
  item: DebugProtocol.CompletionItem,
  position: IPosition,
  word: editor.IWordAtPosition,
): languages.CompletionItem {
  const { lineNumber } = position;
  return {
    label: item.label,
    insertText: item.text ?? item.label,
    kind: KINDS[item.type ?? "value"] ?? languages.CompletionItemKind.Value,
    range: new Range(lineNumber, word.startColumn, lineNumber, word.endColumn),
    ...(item.detail === undefined ? {} : { detail: item.detail }),
    ...(item.sortText === undefined ? {} : { sortText: item.sortText }),
  };
}

async function suggestions(
  app: App,
  model: editor.ITextModel,
  position: IPosition,
): Promise<languages.CompletionList> {
  if (app.client === undefined) {
    return { suggestions: [] };
  }
  const word = model.getWordUntilPosition(position);
  const items = await complete(app, model.getValue(), position.column, position.lineNumber);
  return { suggestions: items.map((item) => suggestion(item, position, word)) };
}

/** Markdown code, whatever is in the text. */
function asCode(text: string): string {
  const fence = "`".repeat(3 + Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length)));
  return `${fence}python\n${text}\n${fence}`;
}

async function hover(
  app: App,
  model: editor.ITextModel,
  position: IPosition,
): Promise<languages.Hover | null> {
  const { frame } = app.store.get().debug;
  const found = expressionAt(model.getLineContent(position.lineNumber), position.column);
  if (frame === undefined || found === undefined) {
    return null;
  }
  try {
    const { result, type } = await sessionOf(app).request("evaluate", {
      expression: found.expression,
      context: "hover",
      frameId: frame.id,
    });
    const words = type === undefined ? found.expression : `${found.expression}: ${type}`;
    return {
      range: new Range(position.lineNumber, found.begin, position.lineNumber, found.end),
      contents: [{ value: asCode(words) }, { value: asCode(result.slice(0, 5000)) }],
    };
  } catch {
    return null; // a name that has no value here has no hover
  }
}

export function registerProviders(app: App): void {
  languages.registerCompletionItemProvider("python", {
    triggerCharacters: ["."],
    provideCompletionItems: (model, position) => suggestions(app, model, position),
  });
  languages.registerHoverProvider("python", {
    provideHover: (model, position) => hover(app, model, position),
  });
}
