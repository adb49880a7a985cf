// SPDX-License-Identifier: BSD-3-Clause
// One text model a cell, made when the cell is first seen and kept for its undo history. The store
// has the truth: a model follows it, and tells it what was typed.
import type { CellType } from "../model/notebook.ts";
import type { App } from "../session/app.ts";
import { setSource } from "../session/editing.ts";
import { editor, Uri } from "./monaco.ts";

export type Model = editor.ITextModel;

const models = new Map<string, Model>();
const SCHEME = "cell";

function languageOf(type: CellType): string {
  return type === "code" ? "python" : type === "markdown" ? "markdown" : "plaintext";
}

/** The model of a cell with this text; what is typed goes into the store. */
export function modelOf(app: App, cellId: string, type: CellType, source: string): Model {
  const known = models.get(cellId);
  if (known !== undefined) {
    follow(known, source, languageOf(type));
    return known;
  }
  const uri = Uri.from({ scheme: SCHEME, path: `/${encodeURIComponent(cellId)}` });
  const model = editor.createModel(source, languageOf(type), uri);
  model.onDidChangeContent(() => setSource(app, cellId, model.getValue()));
  models.set(cellId, model);
  return model;
}

function follow(model: Model, source: string, language: string): void {
  if (model.getLanguageId() !== language) {
    editor.setModelLanguage(model, language);
  }
  if (model.getValue() !== source) {
    const range = model.getFullModelRange();
    model.pushEditOperations([], [{ range, text: source }], () => null);
  }
}

/** Which cell a model is of. */
export function cellIdOfModel(model: Model): string | undefined {
  const { scheme, path } = model.uri;
  return scheme === SCHEME ? decodeURIComponent(path.slice(1)) : undefined;
}

/** Another file was opened. */
export function forgetModels(): void {
  models.forEach((model) => model.dispose());
  models.clear();
}
