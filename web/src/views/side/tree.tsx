// SPDX-License-Identifier: BSD-3-Clause
// A tree of values, however long: rows are made for what the window shows.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type Row, rowOf, rowsTotal, type TreeNode } from "../../model/tree.ts";
import type { App } from "../../session/app.ts";
import { attempt } from "../../session/app.ts";
import { load, toggle } from "../../session/variables.ts";
import { useApp, useSelect } from "../context.ts";
import { useVirtual } from "../virtual.ts";
import { ValueRow } from "./valuerow.tsx";

const ROW = 22;

interface Props {
  readonly roots: readonly TreeNode[];
  readonly label: string;
  /** Draws a root otherwise than as a value. */
  readonly rootRow?: (node: TreeNode) => JSX.Element | undefined;
}

function Missing({ row }: { readonly row: Extract<Row, { kind: "loading" }> }): JSX.Element {
  const app = useApp();
  useEffect(() => void load(app, row.parent, row.index), [row.parent, row.index]);
  return <span class="tree-loading">…</span>;
}

function content(row: Row, selected: boolean, props: Props): JSX.Element {
  if (row.kind === "loading") {
    return <Missing row={row} />;
  }
  if (row.kind === "error") {
    return <span class="tree-error">{row.text}</span>;
  }
  return props.rootRow?.(row.node) ?? <ValueRow node={row.node} selected={selected} />;
}

function depthOf(row: Row): number {
  return row.kind === "node" ? row.node.depth : row.parent.depth + 1;
}

function isOpen(row: Row): boolean {
  return row.kind === "node" && row.node.children !== undefined;
}

function canOpen(row: Row): boolean {
  return row.kind === "node" && row.node.variable.variablesReference > 0 && !isLazy(row.node);
}

export function isLazy(node: TreeNode): boolean {
  return node.variable.presentationHint?.lazy === true;
}

/** Arrow keys, as in every tree. */
function onKey(
  app: App,
  event: KeyboardEvent,
  row: Row | undefined,
  go: (by: number) => void,
): void {
  const { key } = event;
  if (key === "ArrowDown" || key === "ArrowUp") {
    go(key === "ArrowDown" ? 1 : -1);
  } else if (row?.kind === "node" && canOpen(row)) {
    const opens = key === "ArrowRight" && !isOpen(row);
    const closes = key === "ArrowLeft" && isOpen(row);
    if (!opens && !closes && key !== " ") {
      return;
    }
    attempt(app, () => toggle(app, row.node));
  } else {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
}

interface RowProps {
  readonly row: Row;
  readonly top: number;
  readonly selected: boolean;
  readonly tree: Props;
  readonly onChoose: () => void;
}

function TreeRow({ row, top, selected, tree, onChoose }: RowProps): JSX.Element {
  const depth = depthOf(row);
  return (
    <div
      class={`tree-row${selected ? " selected" : ""}`}
      role="treeitem"
      aria-level={depth + 1}
      aria-selected={selected}
      {...(canOpen(row) ? { "aria-expanded": isOpen(row) } : {})}
      style={{ top, paddingLeft: 6 + depth * 12 }}
      onClick={onChoose}
    >
      {content(row, selected, tree)}
    </div>
  );
}

export function Tree(props: Props): JSX.Element {
  const { roots, label } = props;
  const app = useApp();
  useSelect((state) => state.debug.revision);
  const scroller = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(-1);
  const count = rowsTotal(roots);
  const list = useVirtual({
    count,
    scroller: () => scroller.current,
    estimate: () => ROW,
    overscan: 6,
  });
  const go = (by: number): void => {
    const next = Math.max(0, Math.min(count - 1, at + by));
    setAt(next);
    list.scrollToIndex(next);
  };
  const rows = list.getVirtualItems().map((item) => {
    const row = rowOf(roots, item.index);
    const choose = (): void => setAt(item.index);
    const own = { top: item.start, selected: item.index === at, tree: props, onChoose: choose };
    return row === undefined ? null : <TreeRow key={item.index} row={row} {...own} />;
  });
  return (
    <div
      class="tree"
      role="tree"
      aria-label={label}
      ref={scroller}
      tabIndex={0}
      onKeyDown={(event) => onKey(app, event, rowOf(roots, at), go)}
    >
      <div class="tree-rows" role="presentation" style={{ height: list.getTotalSize() }}>
        {rows}
      </div>
    </div>
  );
}
