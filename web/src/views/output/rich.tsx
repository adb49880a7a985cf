// SPDX-License-Identifier: BSD-3-Clause
// Markdown and formulas: nodes that the renderers made, put into the page.
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { renderLatex, renderMarkdown, type Resolve } from "../../render/markdown.ts";

const noResolve: Resolve = () => undefined;

interface RichProps {
  readonly source: string;
  readonly kind: "markdown" | "latex";
  readonly resolve?: Resolve;
}

/** Replaces its content when the source changes; what was shown stays until then. */
export function Rich({ source, kind, resolve = noResolve }: RichProps): JSX.Element {
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let stale = false;
    const rendering = kind === "latex" ? renderLatex(source) : renderMarkdown(source, resolve);
    void rendering.then((nodes) => {
      if (!stale) {
        root.current?.replaceChildren(nodes);
      }
    });
    return () => {
      stale = true;
    };
  }, [source, kind, resolve]);
  return <div class="markdown" ref={root} />;
}
