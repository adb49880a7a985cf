// SPDX-License-Identifier: BSD-3-Clause
// A traceback with its colours, whose frames are links to the cell or the library's line.
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { App } from "../../session/app.ts";
import { attempt, changeUi, notify } from "../../session/app.ts";
import { showFile } from "../../session/frames.ts";
import { hasEscapes, newConverter, plain } from "../../render/ansi.ts";
import { useApp } from "../context.ts";

type Place =
  | { readonly count: number; readonly line: number }
  | { readonly path: string; readonly line: number };

const FILE = /^\s*File (?:"([^"<]+)"|([^\s<]+?)),? (?:line |:)?(\d+)/;
const FILE_COLON = /^\s*File ([^\s<]+?):(\d+)/;
const CELL = /^\s*Cell In\[(\d+)\],? line (\d+)/;

/** Where a line of a traceback points to: a file, or the cell with that number. */
export function placeIn(text: string): Place | undefined {
  const cell = CELL.exec(text);
  if (cell !== null) {
    return { count: Number(cell[1]), line: Number(cell[2]) };
  }
  const [, colonPath, colonLine] = FILE_COLON.exec(text) ?? [];
  if (colonPath !== undefined) {
    return { path: colonPath, line: Number(colonLine) };
  }
  const [, quoted, bare, line] = FILE.exec(text) ?? [];
  const path = quoted ?? bare;
  return path === undefined ? undefined : { path, line: Number(line) };
}

function go(app: App, place: Place): void {
  if ("path" in place) {
    attempt(app, () => showFile(app, place.path, place.line));
    return;
  }
  const cell = app.store.get().file?.cells.find((one) => one.executionCount === place.count);
  if (cell === undefined) {
    notify(app, "The cell was run again since, or is gone.");
  } else {
    changeUi(app, { selected: cell.id });
  }
}

function Line(props: { readonly html: string; readonly text: string }): JSX.Element {
  const app = useApp();
  const place = placeIn(props.text);
  const content = { __html: props.html };
  return place === undefined ? (
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
