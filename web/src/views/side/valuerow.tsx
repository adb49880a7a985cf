// SPDX-License-Identifier: BSD-3-Clause
// One value in a tree: its name, what it is, and what can be done with it.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { TreeNode } from "../../model/tree.ts";
import { attempt } from "../../session/app.ts";
import { resolveLazy, toggle } from "../../session/variables.ts";
import { useApp } from "../context.ts";
import { Icon } from "../icon.tsx";
import { ValueActions, ValueEditor } from "./valueactions.tsx";

const SHOWN = 300;

function isReadOnly(variable: DebugProtocol.Variable): boolean {
  return variable.presentationHint?.attributes?.includes("readOnly") === true;
}

function kindClass(variable: DebugProtocol.Variable): string {
  const { type = "", value } = variable;
  if (type === "str" || /^['"]/.test(value)) {
    return "value-text";
  }
  return ["int", "float", "complex", "bool"].includes(type) ? "value-number" : "value-other";
}

function Lazy({ node }: { readonly node: TreeNode }): JSX.Element {
  const app = useApp();
  const [shown, setShown] = useState<TreeNode | undefined>(undefined);
  if (shown !== undefined) {
    return <Value variable={shown.variable} />;
  }
  const ask = (): void =>
    attempt(app, async () => {
      setShown(await resolveLazy(app, node));
    });
  return (
    <button type="button" class="lazy" title="Compute this property" onClick={ask}>
      <Icon name="eye" /> compute
    </button>
  );
}

function Value({ variable }: { readonly variable: DebugProtocol.Variable }): JSX.Element {
  const { value, type } = variable;
  return (
    <span class={`value ${kindClass(variable)}`} title={`${type ?? ""}\n${value.slice(0, 2000)}`}>
      {value.slice(0, SHOWN).replace(/\s+/g, " ")}
    </span>
  );
}

function Twistie({ node }: { readonly node: TreeNode }): JSX.Element {
  const app = useApp();
  const can = node.variable.variablesReference > 0 && node.variable.presentationHint?.lazy !== true;
  return (
    <span class="twistie" onClick={() => (can ? attempt(app, () => toggle(app, node)) : undefined)}>
      {can && <Icon name={node.children === undefined ? "chevron-right" : "chevron-down"} />}
    </span>
  );
}

interface Props {
  readonly node: TreeNode;
  readonly selected: boolean;
}

export function ValueRow({ node, selected }: Props): JSX.Element {
  const [editing, setEditing] = useState(false);
  const { variable } = node;
  const canSet = node.parentReference > 0 && !isReadOnly(variable);
  if (editing) {
    return <ValueEditor node={node} onDone={() => setEditing(false)} />;
  }
  return (
    <span class="value-row" onDblClick={() => setEditing(canSet)}>
      <Twistie node={node} />
      {variable.name !== "" && <span class="value-name">{variable.name}</span>}
      {variable.name !== "" && <span class="value-colon">:</span>}
      {variable.presentationHint?.lazy === true ? (
        <Lazy node={node} />
      ) : (
        <Value variable={variable} />
      )}
      <ValueActions
        node={node}
        always={selected}
        {...(canSet ? { onEdit: () => setEditing(true) } : {})}
      />
    </span>
  );
}
