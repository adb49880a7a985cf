// SPDX-License-Identifier: BSD-3-Clause
// Watch expressions and what they are at this stop.
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { rootNode, type TreeNode } from "../../model/tree.ts";
import type { Watch } from "../../model/state.ts";
import { changeWatches } from "../../session/watches.ts";
import { useApp, useSelect } from "../context.ts";
import { ActionButton } from "../icon.tsx";
import { Section } from "./section.tsx";
import { Tree } from "./tree.tsx";
import { ValueRow } from "./valuerow.tsx";

function nodeOf(watch: Watch): TreeNode {
  return (
    watch.node ??
    rootNode(
      { name: watch.expression, value: watch.error ?? "not evaluated yet", variablesReference: 0 },
      `watch:${watch.expression}`,
    )
  );
}

function WatchRow({ node }: { readonly node: TreeNode }): JSX.Element {
  const app = useApp();
  const remove = (): void => {
    const { watches } = app.store.get();
    changeWatches(
      app,
      watches.filter((watch) => watch.expression !== node.variable.name),
    );
  };
  return (
    <span class="watch-row">
      <ValueRow node={node} selected={false} />
      <ActionButton icon="close" title={`Remove ${node.variable.name}`} onClick={remove} />
    </span>
  );
}

function NewWatch({ onDone }: { readonly onDone: () => void }): JSX.Element {
  const app = useApp();
  const field = useRef<HTMLInputElement>(null);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const expression = field.current?.value.trim() ?? "";
    const { watches } = app.store.get();
    if (expression !== "" && !watches.some((watch) => watch.expression === expression)) {
      changeWatches(app, [...watches, { expression }]);
    }
    onDone();
  };
  return (
    <form class="one-line" onSubmit={submit}>
      <input
        ref={(element) => {
          field.current = element;
          element?.focus();
        }}
        aria-label="Expression to watch"
        placeholder="Expression, then Enter"
        spellcheck={false}
        onBlur={onDone}
      />
    </form>
  );
}

export function WatchSection(): JSX.Element {
  const watches = useSelect((state) => state.watches);
  const [adding, setAdding] = useState(false);
  return (
    <Section
      title="Watch"
      actions={
        <ActionButton icon="add" title="Watch an expression" onClick={() => setAdding(true)} />
      }
    >
      {adding && <NewWatch onDone={() => setAdding(false)} />}
      {watches.length === 0 ? (
        !adding && <p class="empty">Press + to see an expression at every stop.</p>
      ) : (
        <Tree
          roots={watches.map(nodeOf)}
          label="Watch"
          rootRow={(node) => (node.depth === 0 ? <WatchRow node={node} /> : undefined)}
        />
      )}
    </Section>
  );
}
