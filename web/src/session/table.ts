// SPDX-License-Identifier: BSD-3-Clause
// DataFrames and arrays as tables: a page of rows at a time, sorted by a column when asked. The
// kernel is asked for text in one expression, so that nothing is left behind in it.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { TableView } from "../model/state.ts";
import type { TreeNode } from "../model/tree.ts";
import { isJson, isStrings } from "../protocol/guards.ts";
import { type App, changeUi, sessionOf } from "./app.ts";

export const ROWS = 100;

const TABLES = new Set(["DataFrame", "Series", "ndarray"]);

export function isTable(variable: DebugProtocol.Variable): boolean {
  return TABLES.has(variable.type ?? "") && (variable.evaluateName ?? "") !== "";
}

const DUMP =
  "__import__('base64').b64encode(__import__('json').dumps(" +
  "{'columns':[str(c) for c in d[0]],'index':[str(i) for i in d[1]]," +
  "'rows':[[str(v) for v in w] for w in d[2]],'total':d[3]}).encode()).decode()";

const FRAME =
  "(lambda o,a,n,c,r:(lambda f:(lambda s:(lambda d:DUMP)((f.columns,s.index[a:a+n]," +
  "s.iloc[a:a+n].itertuples(index=False,name=None),len(f))))" +
  "(f if c is None else f.sort_values(f.columns[c],ascending=not r)))" +
  "(o.to_frame() if hasattr(o,'to_frame') and not hasattr(o,'columns') else o))";

const ARRAY =
  "(lambda o,a,n,c,r:(lambda m:(lambda k:(lambda d:DUMP)((range(m.shape[1]),k[a:a+n]," +
  "m[k[a:a+n]].tolist(),len(m))))" +
  "(list(range(len(m))) if c is None else m[:,c].argsort()[::-1 if r else 1].tolist()))" +
  "(o.reshape(len(o),-1)))";

/** The expression that answers rows `first`… of a table, as base64 of JSON. */
export function tableExpression(table: TableView, first: number): string {
  const how = (table.type === "ndarray" ? ARRAY : FRAME).replace("DUMP", DUMP);
  const column = table.sortBy === undefined ? "None" : String(table.sortBy);
  const reverse = table.descending ? "True" : "False";
  return `${how}(${table.expression},${first},${ROWS},${column},${reverse})`;
}

export interface TablePage {
  readonly columns: readonly string[];
  readonly index: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly total: number;
}

/** What such an expression's result says; undefined when it is something else. */
export function readPage(result: string): TablePage | undefined {
  const bytes = Uint8Array.from(atob(result.replace(/^'|'$/g, "")), (c) => c.charCodeAt(0));
  const page: unknown = JSON.parse(new TextDecoder().decode(bytes));
  if (!isJson(page)) {
    return undefined;
  }
  const { columns, index, rows, total } = page;
  const isPage =
    isStrings(columns) && isStrings(index) && Array.isArray(rows) && typeof total === "number";
  return isPage ? { columns, index, rows: rows.filter(isStrings), total } : undefined;
}

function changeTable(app: App, parts: Partial<TableView>): void {
  app.store.update((state) =>
    state.table === undefined ? state : { ...state, table: { ...state.table, ...parts } },
  );
}

/** Fetches the page with row `at`, once. */
export async function loadRows(app: App, at: number): Promise<void> {
  const { table, debug } = app.store.get();
  const first = Math.floor(at / ROWS) * ROWS;
  if (table === undefined || table.asked.has(first)) {
    return;
  }
  table.asked.add(first);
  const { result } = await sessionOf(app).request("evaluate", {
    expression: tableExpression(table, first),
    context: "clipboard",
    ...(debug.frame === undefined ? {} : { frameId: debug.frame.id }),
  });
  const page = readPage(result);
  const now = app.store.get().table;
  if (page === undefined || now?.asked !== table.asked) {
    return; // sorted otherwise by now
  }
  const rows = new Map(now.rows);
  page.rows.forEach((cells, index) =>
    rows.set(first + index, { name: page.index[index] ?? "", cells }),
  );
  changeTable(app, { rows, columns: page.columns, total: page.total });
}

export async function openTable(app: App, node: TreeNode): Promise<void> {
  const { evaluateName = "", type = "" } = node.variable;
  const table: TableView = {
    expression: evaluateName,
    type,
    columns: [],
    total: 0,
    rows: new Map(),
    asked: new Set(),
    descending: false,
  };
  app.store.set({ table });
  changeUi(app, { panel: "table" });
  await loadRows(app, 0);
}

/** By this column; the same again turns the order round, a third time gives the table's own. */
export async function sortTable(app: App, column: number): Promise<void> {
  const { table } = app.store.get();
  if (table === undefined) {
    return;
  }
  const same = table.sortBy === column;
  const { sortBy: _sortBy, ...rest } = table;
  const fresh = { ...rest, rows: new Map(), asked: new Set<number>() };
  const next: TableView =
    same && table.descending
      ? { ...fresh, descending: false }
      : { ...fresh, sortBy: column, descending: same };
  app.store.set({ table: next });
  await loadRows(app, 0);
}
