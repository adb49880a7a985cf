// SPDX-License-Identifier: BSD-3-Clause
// A traceback with its colours, whose frames are links to the cell or the library's line.
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { App } from "../../session/app.ts";
import { attempt, changeUi } from "../../session/app.ts";
import { showSource } from "../../session/frames.ts";
import { hasEscapes, newConverter, plain } from "../../render/ansi.ts";
import { useApp } from "../context.ts";

interface Place {
  readonly path: string;
  readonly line: number;
}

const FILE = /^\s*File (?:"([^"]+)"|(\S+?)),? (?:line |:)?(\d+)/;
const FILE_COLON = /^\s*File (\S+?):(\d+)/;
const CELL = /^\s*Cell In\[(\d+)\],? line (\d+)/;

/** Where a line of a traceback points to: a file, or the cell with that number. */
export function placeIn(
  text: string,
  cellOf: (count: number) => string | undefined,
): Place | undefined {
  const cell = CELL.exec(text);
  if (cell !== null) {
    const id = cellOf(Number(cell[1]));
    return id === undefined ? undefined : { path: `#${id}`, line: Number(cell[2]) };
  }
  const colon = FILE_COLON.exec(text);
  if (colon?.[1] !== undefined) {
    return { path: colon[1], line: Number(colon[2]) };
  }
  const file = FILE.exec(text);
  const path = file?.[1] ?? file?.[2];
  return path === undefined ? undefined : { path, line: Number(file?.[3]) };
}

function go(app: App, place: Place): void {
  if (place.path.startsWith("#")) {
    changeUi(app, { selected: place.path.slice(1) });
    return;
  }
  attempt(app, () => showSource(app, { path: place.path }, place.line));
}

function Line(props: { readonly html: string; readonly text: string }): JSX.Element {
  const app = useApp();
  const cells = app.store.get().file?.cells ?? [];
  const place = placeIn(
    props.text,
    (count) => cells.find((cell) => cell.executionCount === count)?.id,
  );
  const content = { __html: props.html };
  return place === undefined || place.path.startsWith("<") ? (
    <span dangerouslySetInnerHTML={content} />
  ) : (
    <button
      type="button"
      class="trace-link"
      title="Go to this line"
      onClick={() => go(app, place)}
      dangerouslySetInnerHTML={content}
    />
  );
}

/** An error as the kernel put it, frame lines as links. */
export function ErrorOutput({ traceback }: { readonly traceback: string }): JSX.Element {
  const lines = useMemo(() => {
    const convert = newConverter();
    return traceback.split("\n").map((line) => ({ html: convert(line), text: plain(line) }));
  }, [traceback]);
  return (
    <pre
      class={hasEscapes(traceback) ? "error" : "error error-plain"}
      role="group"
      aria-label="error"
    >
      {lines.map((line, index) => (
        <>
          <Line key={index} {...line} />
          {"\n"}
        </>
      ))}
    </pre>
  );
}
