// SPDX-License-Identifier: BSD-3-Clause
// The debug console: Python in the stopped frame, else in the kernel.
import type { JSX } from "preact";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { ConsoleEntry } from "../../model/state.ts";
import { hasEscapes, newConverter } from "../../render/ansi.ts";
import { useSelect } from "../context.ts";
import { Icon } from "../icon.tsx";
import { isLazy, Tree } from "../side/tree.tsx";
import { ConsoleInput } from "./consoleinput.tsx";
import type { TreeNode } from "../../model/tree.ts";

const SHOWN = 500;

const ICONS: Readonly<Record<string, string>> = {
  input: "chevron-right",
  result: "arrow-small-left",
  error: "error",
};

function Text({ text }: { readonly text: string }): JSX.Element {
  const html = useMemo(() => (hasEscapes(text) ? newConverter()(text) : undefined), [text]);
  return html === undefined ? (
    <pre>{text.replace(/\n$/, "")}</pre>
  ) : (
    <pre dangerouslySetInnerHTML={{ __html: html }} />
  );
}

function opens(node: TreeNode | undefined): node is TreeNode {
  return node !== undefined && node.variable.variablesReference > 0 && !isLazy(node);
}

function Entry({ entry }: { readonly entry: ConsoleEntry }): JSX.Element {
  const { kind, text, node } = entry;
  return (
    <div class={`console-entry console-${kind}`}>
      <span class="console-icon">{ICONS[kind] !== undefined && <Icon name={ICONS[kind]} />}</span>
      {opens(node) ? <ConsoleTree node={node} /> : <Text text={text} />}
    </div>
  );
}

function ConsoleTree({ node }: { readonly node: TreeNode }): JSX.Element {
  useSelect((state) => state.debug.revision);
  return (
    <div class={node.children === undefined ? "console-tree" : "console-tree open"}>
      <Tree roots={[node]} label="result" />
    </div>
  );
}

export function ConsolePanel(): JSX.Element {
  const entries = useSelect((state) => state.console);
  const scroller = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
  }, [entries]);
  return (
    <div class="console">
      <div
        class="console-entries"
        ref={scroller}
        role="log"
        aria-label="Debug console"
        tabIndex={0}
      >
        {entries.length === 0 && (
          <p class="empty">
            Python typed below runs in the stopped frame, or in the kernel when nothing is stopped.
          </p>
        )}
        {entries.slice(-SHOWN).map((entry) => (
          <Entry key={entry.key} entry={entry} />
        ))}
      </div>
      <ConsoleInput />
    </div>
  );
}
