// SPDX-License-Identifier: BSD-3-Clause
// How views reach the store: useSelect draws a view again when what it selected changed.
import { createContext } from "preact";
import { useContext, useLayoutEffect, useReducer, useRef } from "preact/hooks";
import type { State } from "../model/state.ts";
import type { App } from "../session/app.ts";

const AppContext = createContext<App | undefined>(undefined);

export const AppProvider = AppContext.Provider;

export function useApp(): App {
  const app = useContext(AppContext);
  if (app === undefined) {
    throw new Error("a view outside of the page");
  }
  return app;
}

/** What `select` makes of the state; it must return the same thing for the same state. */
export function useSelect<T>(select: (state: State) => T): T {
  const { store } = useApp();
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const latest = useRef(select);
  latest.current = select;
  const selected = select(store.get());
  const shown = useRef(selected);
  shown.current = selected;
  useLayoutEffect(
    () =>
      store.subscribe(() => {
        if (!Object.is(latest.current(store.get()), shown.current)) {
          redraw(undefined);
        }
      }),
    [store],
  );
  return selected;
}
