// SPDX-License-Identifier: BSD-3-Clause
// A part of the sidebar that folds.
import type { ComponentChildren, JSX } from "preact";
import { changeUi } from "../../session/app.ts";
import { useApp, useSelect } from "../context.ts";
import { Icon } from "../icon.tsx";

interface Props {
  readonly title: string;
  readonly grows?: number;
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Section({ title, grows = 1, actions, children }: Props): JSX.Element {
  const app = useApp();
  const folded = useSelect((state) => state.ui.folded.has(title));
  const toggle = (): void => {
    const all = new Set(app.store.get().ui.folded);
    if (!all.delete(title)) {
      all.add(title);
    }
    changeUi(app, { folded: all });
  };
  return (
    <section
      class={`section${folded ? " folded" : ""}`}
      style={{ flexGrow: folded ? 0 : grows }}
      aria-label={title}
    >
      <header class="section-head">
        <button type="button" class="section-title" aria-expanded={!folded} onClick={toggle}>
          <Icon name={folded ? "chevron-right" : "chevron-down"} />
          {title}
        </button>
        <span class="section-actions">{folded ? null : actions}</span>
      </header>
      {!folded && <div class="section-body">{children}</div>}
    </section>
  );
}
