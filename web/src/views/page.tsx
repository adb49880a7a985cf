// SPDX-License-Identifier: BSD-3-Clause
// The whole page: bar, notices, notebook or files, debugger, panel.
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { changeUi } from "../session/app.ts";
import { useApp, useSelect } from "./context.ts";
import { Dialogs } from "./dialogs.tsx";
import { Home } from "./home.tsx";
import { ActionButton } from "./icon.tsx";
import { NotebookView } from "./notebook.tsx";
import { Notices } from "./notices.tsx";
import { PanelView } from "./panel/panel.tsx";
import { BreakpointsSection } from "./side/breakpoints.tsx";
import { StackSection } from "./side/stack.tsx";
import { VariablesSection } from "./side/variables.tsx";
import { WatchSection } from "./side/watch.tsx";
import { SourceView } from "./source.tsx";
import { TopBar } from "./topbar.tsx";

function Sidebar(): JSX.Element | null {
  const shown = useSelect((state) => state.ui.sidebar);
  return shown ? (
    <aside class="sidebar" aria-label="debugger">
      <VariablesSection />
      <WatchSection />
      <StackSection />
      <BreakpointsSection />
    </aside>
  ) : null;
}

function Refused({ words }: { readonly words: string }): JSX.Element {
  return (
    <main class="home">
      <h1>celldap</h1>
      <p class="trouble">{words}</p>
      <p>Open the address that `celldap serve` prints; it carries the token.</p>
    </main>
  );
}

function FirstHint(): JSX.Element | null {
  const app = useApp();
  const seen = useSelect((state) => state.ui.hintSeen);
  if (seen) {
    return null;
  }
  const close = (): void => {
    app.storage.setItem("celldap.hint", "seen");
    changeUi(app, { hintSeen: true });
  };
  return (
    <div class="hint" role="note">
      <div>
        <p>
          <kbd>Shift+Enter</kbd> runs a cell and goes to the next; <kbd>Esc</kbd> leaves the editor.
        </p>
        <p>A click left of a line number sets a breakpoint; a right click gives it a condition.</p>
        <p>
          Stopped: <kbd>F10</kbd> steps over, <kbd>F11</kbd> into, <kbd>F5</kbd> goes on; all keys:{" "}
          <kbd>?</kbd>
        </p>
      </div>
      <ActionButton icon="close" title="Close the hint" onClick={close} />
    </div>
  );
}

function Workspace(): JSX.Element {
  const path = useSelect((state) => state.file?.path);
  return (
    <div class="workspace">
      <main class="center" aria-label="notebook">
        <FirstHint />
        <SourceView />
        <NotebookView key={path} />
        <PanelView />
      </main>
      <Sidebar />
    </div>
  );
}

export function Page(): JSX.Element {
  const theme = useSelect((state) => state.ui.theme);
  const refused = useSelect((state) => state.refused);
  const open = useSelect((state) => state.file !== undefined);
  useEffect(() => {
    document.documentElement.dataset["theme"] = theme;
  }, [theme]);
  if (refused !== undefined) {
    return <Refused words={refused} />;
  }
  return (
    <div class="page">
      <TopBar />
      <Notices />
      {open ? <Workspace /> : <Home />}
      <Dialogs />
    </div>
  );
}
