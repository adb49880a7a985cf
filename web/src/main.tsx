// SPDX-License-Identifier: BSD-3-Clause
// The page starts: the token from the address, the store, the first view.
import "@vscode/codicons/dist/codicon.css";
import "./styles/page.css";
import "./styles/notebook.css";
import "./styles/side.css";
import "./styles/panel.css";
import { render } from "preact";
import { Api, ApiError } from "./api.ts";
import { onBeforeUnload, onKeyDown } from "./keyboard.ts";
import { defineThemes, useTheme } from "./editor/monaco.ts";
import { registerProviders } from "./editor/providers.ts";
import { initialState, type State } from "./model/state.ts";
import { WebSocketTransport } from "./protocol/websocket.ts";
import { type App, attempt, wordsOf } from "./session/app.ts";
import { autosave, listFolder } from "./session/files.ts";
import { openPath } from "./session/open.ts";
import { Store } from "./store.ts";
import { AppProvider } from "./views/context.ts";
import { Page } from "./views/page.tsx";

const AUTOSAVE_MS = 10_000;

/** The address keeps the token in its fragment, which no server sees; a reload needs it again. */
function readAddress(): { token: string; open: string | undefined } {
  const words = new URLSearchParams(location.hash.slice(1));
  return { token: words.get("token") ?? "", open: words.get("open") ?? undefined };
}

/** With the next frame; a page in the background has none. */
function nextFrame(run: () => void): void {
  if (document.hidden) {
    setTimeout(run, 16);
  } else {
    requestAnimationFrame(run);
  }
}

function startState(): State {
  const state = initialState();
  const stored = localStorage.getItem("celldap.theme");
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const theme = stored === "dark" || (stored === null && dark) ? "dark" : "light";
  const hintSeen = localStorage.getItem("celldap.hint") !== null;
  return { ...state, ui: { ...state.ui, theme, hintSeen } };
}

function makeApp(token: string): App {
  const store = new Store(startState(), nextFrame);
  const url = new URL("dap", location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  url.hash = "";
  return {
    store,
    api: new Api(token),
    connect: () => WebSocketTransport.open(url.href, token),
    storage: localStorage,
    client: undefined,
    openPaths: new Set(),
    announced: new Map(),
    arriving: [],
    clearNext: new Set(),
    schedule: nextFrame,
    settled: Promise.resolve(),
  };
}

async function start(app: App, open: string | undefined): Promise<void> {
  try {
    const info = await app.api.info();
    app.store.set({ info });
    await listFolder(app, "");
    const path = open ?? info.open;
    if (path !== null) {
      await openPath(app, path);
    }
  } catch (error) {
    const status = error instanceof ApiError ? error.status : 0;
    if (status === 401 || status === 403) {
      app.store.set({ refused: wordsOf(error) });
    } else {
      throw error;
    }
  }
}

function main(): void {
  const root = document.getElementById("root");
  if (root === null) {
    return;
  }
  const { token, open } = readAddress();
  const app = makeApp(token);
  defineThemes();
  registerProviders(app);
  let theme: string | undefined;
  const follow = (): void => {
    const now = app.store.get().ui.theme;
    if (now !== theme) {
      theme = now;
      useTheme(now);
    }
  };
  follow();
  app.store.subscribe(follow);
  addEventListener("keydown", (event) => onKeyDown(app, event), { capture: true });
  addEventListener("beforeunload", (event) => onBeforeUnload(app, event));
  setInterval(() => void autosave(app), AUTOSAVE_MS);
  render(
    <AppProvider value={app}>
      <Page />
    </AppProvider>,
    root,
  );
  attempt(app, () => start(app, open));
}

main();
