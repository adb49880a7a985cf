// SPDX-License-Identifier: BSD-3-Clause
// The scopes of the frame that is shown.
import type { JSX } from "preact";
import type { TreeNode } from "../../model/tree.ts";
import { attempt } from "../../session/app.ts";
import { toggle } from "../../session/variables.ts";
import { useApp, useSelect } from "../context.ts";
import { Icon } from "../icon.tsx";
import { Section } from "./section.tsx";
import { Tree } from "./tree.tsx";

function ScopeRow({ node }: { readonly node: TreeNode }): JSX.Element {
  const app = useApp();
  return (
    <span class="scope-row" onClick={() => attempt(app, () => toggle(app, node))}>
      <Icon name={node.children === undefined ? "chevron-right" : "chevron-down"} />
      {node.variable.name}
    </span>
  );
}

function Empty(): JSX.Element {
  return (
    <p class="empty">
      Values show here when the program is stopped: click left of a line number to set a breakpoint,
      then run the cell.
    </p>
  );
}

export function VariablesSection(): JSX.Element {
  const scopes = useSelect((state) => state.debug.scopes);
  return (
    <Section title="Variables" grows={3}>
      {scopes.length === 0 ? (
        <Empty />
      ) : (
        <Tree roots={scopes} label="Variables" rootRow={(node) => scopeRow(node)} />
      )}
    </Section>
  );
}

function scopeRow(node: TreeNode): JSX.Element | undefined {
  return node.depth === 0 ? <ScopeRow node={node} /> : undefined;
}
