// SPDX-License-Identifier: BSD-3-Clause
// JSON as a tree that opens where it is clicked; long lists show a part at a time.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { isJson } from "../../protocol/guards.ts";

const PART = 100;

function childrenOf(value: unknown): readonly (readonly [string, unknown])[] {
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => [String(index), item] as const);
  }
  return isJson(value) ? Object.entries(value) : [];
}

function summary(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.length}]`;
  }
  return isJson(value) ? `{${Object.keys(value).length}}` : JSON.stringify(value);
}

interface NodeProps {
  readonly name: string;
  readonly value: unknown;
  readonly depth: number;
}

function Node({ name, value, depth }: NodeProps): JSX.Element {
  const [open, setOpen] = useState(depth < 1);
  const [shown, setShown] = useState(PART);
  const all = childrenOf(value);
  if (all.length === 0) {
    return (
      <li role="treeitem" class="json-leaf">
        <span class="json-name">{name}</span>: <span class="json-value">{summary(value)}</span>
      </li>
    );
  }
  return (
    <li role="treeitem" aria-expanded={open}>
      <button type="button" class="json-toggle" onClick={() => setOpen(!open)}>
        <span class={`codicon codicon-chevron-${open ? "down" : "right"}`} />
        <span class="json-name">{name}</span> {summary(value)}
      </button>
      {open && (
        <ul role="group">
          {all.slice(0, shown).map(([key, item]) => (
            <Node key={key} name={key} value={item} depth={depth + 1} />
          ))}
          {all.length > shown && (
            <li role="treeitem">
              <button type="button" class="fold" onClick={() => setShown(shown + PART)}>
                {all.length - shown} more
              </button>
            </li>
          )}
        </ul>
      )}
    </li>
  );
}

/** A JSON value. */
export function JsonOutput({ value }: { readonly value: unknown }): JSX.Element {
  return (
    <ul class="json" role="tree" aria-label="JSON output">
      <Node name="root" value={value} depth={0} />
    </ul>
  );
}
