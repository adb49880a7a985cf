// SPDX-License-Identifier: BSD-3-Clause
// The cells, of which only those near the window are in the page.
import { defaultRangeExtractor, type Range } from "@tanstack/virtual-core";
import type { JSX } from "preact";
import { useCallback, useEffect, useRef } from "preact/hooks";
import type { Cell } from "../model/notebook.ts";
import { addCell } from "../session/editing.ts";
import { cellIdOf } from "../session/places.ts";
import { CellView } from "./cell.tsx";
import { textHeight } from "./celleditor.tsx";
import { useApp, useSelect } from "./context.ts";
import { Icon } from "./icon.tsx";
import { type List, useVirtual, type VirtualItem } from "./virtual.ts";

const GAP = 14;
const NONE: readonly Cell[] = [];

/** About how high a cell is before it was seen. */
function estimate(cell: Cell | undefined): number {
  if (cell === undefined) {
    return 50;
  }
  const outputs = cell.outputs.reduce((sum) => sum + 60, 0);
  return textHeight(cell.source) + Math.min(outputs, 400) + GAP;
}

/** The selected cell stays in the page wherever it is, with its cursor and its undo. */
function withSelected(range: Range, selected: number): number[] {
  const shown = defaultRangeExtractor(range);
  return selected < 0 || shown.includes(selected)
    ? shown
    : [...shown, selected].sort((a, b) => a - b);
}

/** Brings a cell, or the line in it where the program stands, into the window. */
function reveal(list: List, scroller: HTMLElement, index: number, line: number): void {
  const item = list.getVirtualItems().find((shown) => shown.index === index);
  const top = list.scrollOffset ?? 0;
  const height = scroller.clientHeight;
  const start = list.getOffsetForIndex(index, "start")?.[0] ?? 0;
  const begin = (item?.start ?? start) + line * 20;
  const end = begin + (line > 0 ? 40 : Math.min(item?.size ?? 60, height / 2));
  if (begin < top || end > top + height) {
    list.scrollToOffset(Math.max(0, begin - height / 3));
  }
}

function useReveal(
  list: List,
  scroller: { current: HTMLElement | null },
  cells: readonly Cell[],
): void {
  const selected = useSelect((state) => state.ui.selected);
  const frame = useSelect((state) => state.debug.frame);
  const show = (cellId: string | undefined, line: number): void => {
    const index = cells.findIndex((cell) => cell.id === cellId);
    if (index >= 0 && scroller.current !== null) {
      reveal(list, scroller.current, index, line);
    }
  };
  useEffect(() => show(selected, 0), [selected]);
  useEffect(() => show(cellIdOf(frame?.source), frame?.line ?? 0), [frame]);
}

function AddRow(): JSX.Element {
  const app = useApp();
  return (
    <div class="add-row">
      <button type="button" class="button" onClick={() => addCell(app, undefined, 1, "code")}>
        <Icon name="add" /> Code
      </button>
      <button type="button" class="button" onClick={() => addCell(app, undefined, 1, "markdown")}>
        <Icon name="add" /> Text
      </button>
    </div>
  );
}

interface PlaceProps {
  readonly list: List;
  readonly item: VirtualItem;
  readonly cell: Cell;
  readonly total: number;
}

function CellPlace({ list, item, cell, total }: PlaceProps): JSX.Element {
  const measure = useCallback(
    (element: HTMLElement | null) => list.measureElement(element),
    [list],
  );
  return (
    <div
      class="cell-place"
      role="presentation"
      data-index={item.index}
      ref={measure}
      style={{ top: item.start }}
    >
      <CellView cell={cell} index={item.index} total={total} />
    </div>
  );
}

export function NotebookView(): JSX.Element {
  const cells = useSelect((state) => state.file?.cells ?? NONE);
  const selected = useSelect((state) => state.ui.selected);
  const at = cells.findIndex((cell) => cell.id === selected);
  const scroller = useRef<HTMLDivElement>(null);
  const list = useVirtual({
    count: cells.length,
    scroller: () => scroller.current,
    estimate: (index) => estimate(cells[index]),
    keyOf: (index) => cells[index]?.id ?? index,
    overscan: 3,
    range: (range) => withSelected(range, at),
    padding: 16,
  });
  useReveal(list, scroller, cells);
  return (
    <div class="notebook" ref={scroller}>
      <div class="cells" role="list" aria-label="cells" style={{ height: list.getTotalSize() }}>
        {list.getVirtualItems().map((item) => {
          const cell = cells[item.index];
          return cell === undefined ? null : (
            <CellPlace key={item.key} list={list} item={item} cell={cell} total={cells.length} />
          );
        })}
      </div>
      <AddRow />
    </div>
  );
}
