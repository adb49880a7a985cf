// SPDX-License-Identifier: BSD-3-Clause
// Printed text: as it is when short, in a window of its own when long. Lines are coloured when they
// are seen.
import { useMemo, useRef, useState } from "preact/hooks";
import type { JSX } from "preact";
import { hasEscapes, newConverter } from "../../render/ansi.ts";
import { useVirtual } from "../virtual.ts";

const SHORT = 40;
const LINE = 18;
const WINDOW = 24;

/** Lines as HTML, each converted once and in order, since colours go on over line ends. */
class Coloured {
  readonly lines: readonly string[];
  private readonly done: string[] = [];
  private readonly convert = newConverter();

  constructor(text: string) {
    this.lines = (text.endsWith("\n") ? text.slice(0, -1) : text).replace(/\r$/, "").split("\n");
  }

  at(index: number): string {
    while (this.done.length <= index) {
      this.done.push(this.convert(this.lines[this.done.length] ?? ""));
    }
    return this.done[index] ?? "";
  }
}

function Long({ lines }: { readonly lines: Coloured }): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  const list = useVirtual({
    count: lines.lines.length,
    scroller: () => scroller.current,
    estimate: () => LINE,
    overscan: 10,
  });
  return (
    <div class="text-window" ref={scroller} style={{ height: WINDOW * LINE }} tabIndex={0}>
      <div style={{ height: list.getTotalSize(), position: "relative" }}>
        {list.getVirtualItems().map((item) => (
          <div
            key={item.key}
            class="text-line"
            style={{ top: item.start }}
            dangerouslySetInnerHTML={{ __html: lines.at(item.index) }}
          />
        ))}
      </div>
    </div>
  );
}

/** Printed text with its colours. */
export function TextOutput(props: { readonly text: string; readonly stream: string }): JSX.Element {
  const { text, stream } = props;
  const [folded, setFolded] = useState(true);
  const lines = useMemo(() => new Coloured(text), [text]);
  const count = lines.lines.length;
  if (count <= SHORT) {
    const html = hasEscapes(text)
      ? lines.lines.map((_, index) => lines.at(index)).join("\n")
      : undefined;
    return html === undefined ? (
      <pre class={`text text-${stream}`}>{lines.lines.join("\n")}</pre>
    ) : (
      <pre class={`text text-${stream}`} dangerouslySetInnerHTML={{ __html: html }} />
    );
  }
  return (
    <div class={`text text-${stream}`}>
      {folded ? <Head lines={lines} /> : <Long lines={lines} />}
      <button type="button" class="fold" onClick={() => setFolded(!folded)} aria-expanded={!folded}>
        {folded ? `Show all ${count.toLocaleString("en")} lines` : "Show less"}
      </button>
    </div>
  );
}

const ENDS = 10;

/** The first and the last lines of a long text. */
function Head({ lines }: { readonly lines: Coloured }): JSX.Element {
  const count = lines.lines.length;
  const first = Array.from({ length: ENDS }, (_, index) => lines.at(index));
  // the end is where it happens; its colours begin anew
  const convert = newConverter();
  const last = lines.lines.slice(count - ENDS).map(convert);
  const html = [...first, `<span class="ellipsis">⋯</span>`, ...last].join("\n");
  return <pre dangerouslySetInnerHTML={{ __html: html }} />;
}
