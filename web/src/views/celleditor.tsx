// SPDX-License-Identifier: BSD-3-Clause
// The text of a cell: plain at first and in the same place, an editor as soon as one is to be had.
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Attachment } from "../editor/attach.ts";
import { focused, mount } from "../editor/focus.ts";
import { type editor, LINE_HEIGHT, PADDING } from "../editor/monaco.ts";
import { modelOf } from "../editor/models.ts";
import { acquire, type PooledEditor } from "../editor/pool.ts";
import type { Cell } from "../model/notebook.ts";
import { type App, changeUi } from "../session/app.ts";
import { useApp } from "./context.ts";

export function textHeight(source: string): number {
  const count = source.split("\n").length;
  return count * LINE_HEIGHT + 2 * PADDING;
}

function settle(codeEditor: editor.IStandaloneCodeEditor, box: HTMLElement): void {
  const height = codeEditor.getContentHeight();
  box.style.height = `${height}px`;
  codeEditor.layout({ width: box.clientWidth, height });
}

/** Puts an editor into the box; the result takes it out again. */
function install(app: App, pooled: PooledEditor, box: HTMLElement, cell: Cell): () => void {
  const { editor: codeEditor, host } = pooled;
  box.appendChild(host);
  codeEditor.setModel(modelOf(app, cell.id, cell.type, cell.source));
  codeEditor.updateOptions({ ariaLabel: `${cell.type} cell`, glyphMargin: cell.type === "code" });
  settle(codeEditor, box);
  const sized = codeEditor.onDidContentSizeChange(() => settle(codeEditor, box));
  const focus = codeEditor.onDidFocusEditorText(() => {
    focused(codeEditor);
    changeUi(app, { selected: cell.id, editing: true });
  });
  const observer = new ResizeObserver(() => settle(codeEditor, box));
  observer.observe(box.parentElement ?? box);
  const marks =
    cell.type === "code"
      ? new Attachment(app, codeEditor, { kind: "cell", cellId: cell.id })
      : undefined;
  const unmount = mount(cell.id, codeEditor);
  box.classList.add("has-editor");
  return () => {
    box.classList.remove("has-editor");
    unmount();
    observer.disconnect();
    sized.dispose();
    focus.dispose();
    marks?.dispose();
  };
}

interface Props {
  readonly cell: Cell;
  readonly atOnce: boolean;
}

/** The editor of a cell. */
export function CellEditor({ cell, atOnce }: Props): JSX.Element {
  const app = useApp();
  const box = useRef<HTMLDivElement>(null);
  const latest = useRef(cell);
  latest.current = cell;
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) {
      return undefined;
    }
    let remove: (() => void) | undefined;
    const release = acquire((pooled) => {
      remove = install(app, pooled, element, latest.current);
    }, atOnce);
    return () => {
      remove?.();
      release();
    };
  }, [app, cell.id, cell.type]);
  useLayoutEffect(() => {
    if (box.current?.classList.contains("has-editor") === true) {
      modelOf(app, cell.id, cell.type, cell.source);
    }
  }, [app, cell]);
  return (
    <div class="cell-editor" ref={box} style={{ height: textHeight(cell.source) }}>
      <pre class="cell-text" aria-hidden="true">
        {cell.source}
      </pre>
    </div>
  );
}
