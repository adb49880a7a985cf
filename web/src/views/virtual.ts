// SPDX-License-Identifier: BSD-3-Clause
// Long lists of which only what can be seen is in the page.
import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  type VirtualItem,
  Virtualizer,
  type VirtualizerOptions,
} from "@tanstack/virtual-core";
import { useLayoutEffect, useReducer, useState } from "preact/hooks";

export type List = Virtualizer<HTMLElement, HTMLElement>;

export interface ListOptions {
  readonly count: number;
  readonly scroller: () => HTMLElement | null;
  readonly estimate: (index: number) => number;
  readonly keyOf?: (index: number) => string | number;
  readonly overscan?: number;
  readonly range?: VirtualizerOptions<HTMLElement, HTMLElement>["rangeExtractor"];
  readonly padding?: number;
}

function resolved(
  options: ListOptions,
  onChange: () => void,
): VirtualizerOptions<HTMLElement, HTMLElement> {
  return {
    count: options.count,
    getScrollElement: options.scroller,
    estimateSize: options.estimate,
    overscan: options.overscan ?? 4,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    onChange,
    ...(options.keyOf === undefined ? {} : { getItemKey: options.keyOf }),
    ...(options.range === undefined ? {} : { rangeExtractor: options.range }),
    ...(options.padding === undefined
      ? {}
      : { paddingStart: options.padding, paddingEnd: options.padding }),
  };
}

/** A virtual list; draws the view again when its window moves. */
export function useVirtual(options: ListOptions): List {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const onChange = (): void => redraw(undefined);
  const [list] = useState(() => new Virtualizer(resolved(options, onChange)));
  list.setOptions(resolved(options, onChange));
  useLayoutEffect(() => list._didMount(), [list]);
  useLayoutEffect(() => list._willUpdate());
  return list;
}

export type { VirtualItem };
