// SPDX-License-Identifier: BSD-3-Clause
// What is shown beside the notebook, and how the page stands.

/** A library's source, or a text as executed, beside the notebook; read-only. */
export interface OpenSource {
  readonly key: string;
  readonly title: string;
  readonly text: string;
  readonly path?: string;
  /** The line to show, where no frame says one. */
  readonly line?: number;
}

export type Panel = "console" | "memory" | "table" | "sources";

export interface MemoryView {
  readonly title: string;
  readonly reference: string;
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly unreadable: number;
  readonly error?: string;
}

export interface TableRow {
  readonly name: string;
  readonly cells: readonly string[];
}

/** A DataFrame or an array as a table: the rows that were looked at. */
export interface TableView {
  readonly expression: string;
  readonly type: string;
  readonly columns: readonly string[];
  readonly total: number;
  readonly rows: ReadonlyMap<number, TableRow>;
  readonly asked: Set<number>;
  readonly sortBy?: number;
  readonly descending: boolean;
}

export interface Ui {
  readonly theme: "light" | "dark";
  readonly sidebar: boolean;
  readonly panel: Panel | undefined;
  readonly selected: string | undefined;
  readonly editing: boolean;
  readonly folded: ReadonlySet<string>;
  readonly notice: string | undefined;
  readonly dialog: Dialog | undefined;
  readonly hintSeen: boolean;
}

export type Dialog =
  | { readonly kind: "kernels" }
  | { readonly kind: "keys" }
  | { readonly kind: "breakpoint"; readonly key: string }
  | {
      readonly kind: "choice";
      readonly title: string;
      readonly choices: readonly { readonly label: string; readonly pick: () => void }[];
    };

export const initialUi: Ui = {
  theme: "light",
  sidebar: true,
  panel: undefined,
  selected: undefined,
  editing: false,
  folded: new Set(),
  notice: undefined,
  dialog: undefined,
  hintSeen: false,
};
