// SPDX-License-Identifier: BSD-3-Clause
// A source beside the notebook: a library's file, or a text as it was executed. Read-only, with
// breakpoints where it has a path.
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Attachment } from "../editor/attach.ts";
import { focused } from "../editor/focus.ts";
import { editor, OPTIONS } from "../editor/monaco.ts";
import type { OpenSource } from "../model/state.ts";
import { useApp, useSelect } from "./context.ts";
import { ActionButton, Icon } from "./icon.tsx";

function SourceEditor({ source }: { readonly source: OpenSource }): JSX.Element {
  const app = useApp();
  const box = useRef<HTMLDivElement>(null);
  const shown = useRef<editor.IStandaloneCodeEditor | undefined>(undefined);
  useEffect(() => {
    if (box.current === null) {
      return undefined;
    }
    const model = editor.createModel(source.text, "python");
    const codeEditor = editor.create(box.current, {
      ...OPTIONS,
      model,
      readOnly: true,
      domReadOnly: true,
      automaticLayout: true,
      ariaLabel: source.title,
      scrollbar: { vertical: "auto", horizontalScrollbarSize: 8, useShadows: false },
    });
    shown.current = codeEditor;
    const marks = new Attachment(app, codeEditor, {
      kind: "source",
      path: source.path ?? source.key,
    });
    const focus = codeEditor.onDidFocusEditorText(() => focused(codeEditor));
    return () => {
      marks.dispose();
      focus.dispose();
      codeEditor.dispose();
      model.dispose();
    };
  }, [app, source.key, source.text]);
  useEffect(() => {
    if (source.line !== undefined) {
      shown.current?.revealLineInCenter(source.line);
      shown.current?.setPosition({ lineNumber: source.line, column: 1 });
    }
  }, [source]);
  return <div class="source-editor" ref={box} />;
}

export function SourceView(): JSX.Element | null {
  const app = useApp();
  const source = useSelect((state) => state.source);
  if (source === undefined) {
    return null;
  }
  return (
    <section class="source" aria-label={`source ${source.title}`}>
      <div class="source-head">
        <Icon name="lock" />
        <strong>{source.title}</strong>
        <span class="dim">{source.path ?? "as it was executed"}</span>
        <span class="spacer" />
        <ActionButton
          icon="close"
          title="Close the source"
          onClick={() => app.store.set({ source: undefined })}
        />
      </div>
      <SourceEditor source={source} />
    </section>
  );
}
