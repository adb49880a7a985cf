// SPDX-License-Identifier: BSD-3-Clause
// One cell: its state in the margin, its text, its outputs, and its own buttons when selected.
import type { JSX } from "preact";
import { memo } from "preact/compat";
import { useCallback, useEffect } from "preact/hooks";
import { focusCell } from "../editor/focus.ts";
import type { Cell } from "../model/notebook.ts";
import { isJson } from "../protocol/guards.ts";
import { changeUi } from "../session/app.ts";
import { runCells } from "../session/running.ts";
import { CellEditor } from "./celleditor.tsx";
import { useApp, useSelect } from "./context.ts";
import { CommandButton } from "./icon.tsx";
import { InputPrompt } from "./input.tsx";
import { Outputs } from "./output/outputs.tsx";
import { Rich } from "./output/rich.tsx";
import { RunMark } from "./runmark.tsx";

function CellTools(): JSX.Element {
  return (
    <div class="cell-tools" role="toolbar" aria-label="cell">
      <CommandButton id="runAbove" />
      <CommandButton id="runTo" />
      <CommandButton id="moveUp" />
      <CommandButton id="moveDown" />
      <CommandButton id="split" />
      <CommandButton id="merge" />
      <CommandButton id="addBelow" />
      <CommandButton id="delete" />
    </div>
  );
}

/** Pictures that the cell carries itself: `attachment:name`. */
function attachment(cell: Cell, href: string): string | undefined {
  const { attachments } = cell.rest;
  const name = href.startsWith("attachment:") ? decodeURIComponent(href.slice(11)) : undefined;
  const bundle = name !== undefined && isJson(attachments) ? attachments[name] : undefined;
  const [entry] = isJson(bundle) ? Object.entries(bundle) : [];
  return entry !== undefined && entry[0].startsWith("image/") && typeof entry[1] === "string"
    ? `data:${entry[0]};base64,${entry[1]}`
    : undefined;
}

interface BodyProps {
  readonly cell: Cell;
  readonly editing: boolean;
}

function MarkdownBody({ cell, editing }: BodyProps): JSX.Element {
  const app = useApp();
  const resolve = useCallback((href: string) => attachment(cell, href), [cell]);
  if (editing) {
    return <CellEditor cell={cell} atOnce />;
  }
  const edit = (): void => {
    changeUi(app, { selected: cell.id, editing: true });
    focusCell(cell.id, true);
  };
  return (
    <div class="cell-markdown" onDblClick={edit}>
      {cell.source.trim() === "" ? (
        <p class="empty">An empty text cell: double-click, or press Enter, to write.</p>
      ) : (
        <Rich kind="markdown" source={cell.source} resolve={resolve} />
      )}
    </div>
  );
}

function CodeBody({ cell, editing }: BodyProps): JSX.Element {
  const app = useApp();
  return (
    <>
      <RunMark cell={cell} onRun={() => runCells(app, [cell.id])} />
      <div class="cell-body">
        <CellEditor cell={cell} atOnce={editing} />
        <Outputs outputs={cell.outputs} />
        <InputPrompt cellId={cell.id} />
      </div>
    </>
  );
}

function TextBody({ cell, editing }: BodyProps): JSX.Element {
  return (
    <>
      <div class="cell-margin" />
      <div class="cell-body">
        {cell.type === "raw" ? (
          <CellEditor cell={cell} atOnce={editing} />
        ) : (
          <MarkdownBody cell={cell} editing={editing} />
        )}
      </div>
    </>
  );
}

interface Props {
  readonly cell: Cell;
  readonly index: number;
  readonly total: number;
}

export const CellView = memo(function CellView({ cell, index, total }: Props): JSX.Element {
  const app = useApp();
  const selected = useSelect((state) => state.ui.selected === cell.id);
  const editing = useSelect((state) => state.ui.selected === cell.id && state.ui.editing);
  const runState = useSelect((state) => state.runs.get(cell.id)?.state);
  useEffect(() => (editing ? focusCell(cell.id, true) : undefined), [editing]);
  const choose = (event: MouseEvent): void => {
    const inEditor = event.target instanceof Element && event.target.closest(".cell-editor");
    if (inEditor === null && !selected) {
      changeUi(app, { selected: cell.id, editing: false });
    }
  };
  return (
    <div
      class={`cell cell-${cell.type}${selected ? " selected" : ""}${editing ? " editing" : ""}`}
      role="listitem"
      aria-label={`${cell.type} cell ${index + 1} of ${total}`}
      aria-current={selected}
      data-cell={cell.id}
      data-state={runState}
      tabIndex={selected ? 0 : -1}
      onMouseDown={choose}
    >
      {selected && <CellTools />}
      {cell.type === "code" ? (
        <CodeBody cell={cell} editing={editing} />
      ) : (
        <TextBody cell={cell} editing={editing} />
      )}
    </div>
  );
});
