// SPDX-License-Identifier: BSD-3-Clause
// The panel at the foot: console, memory, table, sources.
import type { JSX } from "preact";
import type { Panel } from "../../model/state.ts";
import { changeUi } from "../../session/app.ts";
import { useApp, useSelect } from "../context.ts";
import { ActionButton } from "../icon.tsx";
import { ConsolePanel } from "./console.tsx";
import { MemoryPanel } from "./memory.tsx";
import { SourcesPanel } from "./sources.tsx";
import { TablePanel } from "./table.tsx";

const TABS: readonly (readonly [Panel, string])[] = [
  ["console", "Debug console"],
  ["table", "Table"],
  ["memory", "Memory"],
  ["sources", "Sources"],
];

const VIEWS = {
  console: ConsolePanel,
  table: TablePanel,
  memory: MemoryPanel,
  sources: SourcesPanel,
} as const;

export function PanelView(): JSX.Element | null {
  const app = useApp();
  const shown = useSelect((state) => state.ui.panel);
  if (shown === undefined) {
    return null;
  }
  const View = VIEWS[shown];
  return (
    <section class="panel" aria-label="panel">
      <div class="panel-head">
        <div role="tablist" aria-label="panels">
          {TABS.map(([id, title]) => (
            <button
              key={id}
              type="button"
              role="tab"
              id={`tab-${id}`}
              aria-selected={id === shown}
              aria-controls="panel-body"
              onClick={() => changeUi(app, { panel: id })}
            >
              {title}
            </button>
          ))}
        </div>
        <ActionButton
          icon="close"
          title="Hide the panel"
          onClick={() => changeUi(app, { panel: undefined })}
        />
      </div>
      <div class="panel-body" id="panel-body" role="tabpanel" aria-labelledby={`tab-${shown}`}>
        <View />
      </div>
    </section>
  );
}
