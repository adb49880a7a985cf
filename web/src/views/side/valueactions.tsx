// SPDX-License-Identifier: BSD-3-Clause
// The buttons at the end of a value, and the field in which it is changed in place.
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { TreeNode } from "../../model/tree.ts";
import { attempt } from "../../session/app.ts";
import { openTable, isTable } from "../../session/table.ts";
import { breakOnChange, copyValue, readMemory, watchValue } from "../../session/values.ts";
import { refresh } from "../../session/stops.ts";
import { setValue } from "../../session/variables.ts";
import { useApp } from "../context.ts";
import { ActionButton } from "../icon.tsx";

interface Props {
  readonly node: TreeNode;
  readonly always: boolean;
  readonly onEdit?: () => void;
}

function DataActions({ node }: { readonly node: TreeNode }): JSX.Element {
  const app = useApp();
  const { memoryReference, name } = node.variable;
  return (
    <>
      {isTable(node.variable) && (
        <ActionButton
          icon="table"
          title="Show as a table"
          onClick={() => attempt(app, () => openTable(app, node))}
        />
      )}
      {memoryReference !== undefined && (
        <ActionButton
          icon="file-binary"
          title="Show its memory"
          onClick={() => attempt(app, () => readMemory(app, name, memoryReference, 0))}
        />
      )}
      {node.parentReference > 0 && (
        <ActionButton
          icon="debug-breakpoint-data"
          title="Stop when it changes"
          onClick={() => attempt(app, () => breakOnChange(app, node))}
        />
      )}
    </>
  );
}

export function ValueActions({ node, always, onEdit }: Props): JSX.Element {
  const app = useApp();
  return (
    <span class={`value-actions${always ? " shown" : ""}`}>
      {onEdit !== undefined && <ActionButton icon="edit" title="Set the value" onClick={onEdit} />}
      <ActionButton
        icon="copy"
        title="Copy the value"
        onClick={() => attempt(app, () => copyValue(app, node))}
      />
      <ActionButton icon="add" title="Add to watch" onClick={() => watchValue(app, node)} />
      <DataActions node={node} />
    </span>
  );
}

/** Enter sets the value, Escape leaves it. */
export function ValueEditor(props: {
  readonly node: TreeNode;
  readonly onDone: () => void;
}): JSX.Element {
  const app = useApp();
  const { node, onDone } = props;
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.select(), []);
  const onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation();
    if (event.key === "Escape") {
      onDone();
    } else if (event.key === "Enter") {
      const value = field.current?.value ?? "";
      onDone();
      attempt(app, () => setValue(app, node, value).then(() => refresh(app)));
    }
  };
  return (
    <span class="value-row">
      <span class="twistie" />
      <span class="value-name">{node.variable.name}</span>
      <span class="value-colon">:</span>
      <input
        ref={field}
        class="value-field"
        aria-label={`value of ${node.variable.name}`}
        defaultValue={node.variable.value}
        onKeyDown={onKeyDown}
        onBlur={onDone}
      />
    </span>
  );
}
