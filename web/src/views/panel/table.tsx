// SPDX-License-Identifier: BSD-3-Clause
// A DataFrame or an array as a table; rows come as they are scrolled to.
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { TableView } from "../../model/state.ts";
import { attempt } from "../../session/app.ts";
import { loadRows, sortTable } from "../../session/table.ts";
import { useApp, useSelect } from "../context.ts";
import { Icon } from "../icon.tsx";
import { useVirtual } from "../virtual.ts";

const ROW = 24;

function Head({ table }: { readonly table: TableView }): JSX.Element {
  const app = useApp();
  return (
    <div class="table-row table-head" role="row">
      <span class="table-cell table-name" role="columnheader">
        {table.total.toLocaleString("en")} rows
      </span>
      {table.columns.map((column, index) => {
        const sorted = table.sortBy === index;
        const order = !sorted ? "none" : table.descending ? "descending" : "ascending";
        return (
          <span key={index} class="table-cell" role="columnheader" aria-sort={order}>
            <button
              type="button"
              title={`Sort by ${column}`}
              onClick={() => attempt(app, () => sortTable(app, index))}
            >
              {column}
              {sorted && <Icon name={table.descending ? "arrow-down" : "arrow-up"} />}
            </button>
          </span>
        );
      })}
    </div>
  );
}

function Row({ table, at }: { readonly table: TableView; readonly at: number }): JSX.Element {
  const app = useApp();
  const row = table.rows.get(at);
  useEffect(() => {
    if (row === undefined) {
      attempt(app, () => loadRows(app, at));
    }
  }, [row === undefined, at, table.asked]);
  return (
    <>
      <span class="table-cell table-name" role="rowheader">
        {row?.name ?? "…"}
      </span>
      {row?.cells.map((cell, index) => (
        <span
          key={index}
          class="table-cell"
          role="cell"
          title={cell.length > 20 ? cell : undefined}
        >
          {cell}
        </span>
      ))}
    </>
  );
}

function Body({ table }: { readonly table: TableView }): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  const list = useVirtual({
    count: table.total,
    scroller: () => scroller.current,
    estimate: () => ROW,
    overscan: 8,
  });
  return (
    <div
      class="table"
      ref={scroller}
      role="table"
      aria-rowcount={table.total}
      aria-label={table.expression}
      tabIndex={0}
    >
      <Head table={table} />
      <div class="table-rows" role="rowgroup" style={{ height: list.getTotalSize() }}>
        {list.getVirtualItems().map((item) => (
          <div
            key={item.key}
            class="table-row"
            role="row"
            aria-rowindex={item.index + 1}
            style={{ top: item.start }}
          >
            <Row table={table} at={item.index} />
          </div>
        ))}
      </div>
    </div>
  );
}

export function TablePanel(): JSX.Element {
  const table = useSelect((state) => state.table);
  return table === undefined ? (
    <p class="empty">Choose “Show as a table” at a DataFrame, Series or array in the variables.</p>
  ) : (
    <Body key={table.expression} table={table} />
  );
}
