// SPDX-License-Identifier: BSD-3-Clause
// Monaco with what cells need of it: Python and Markdown in colours, completion, hover, find. No
// language services.
import "monaco-editor/features/codeEditor/register";
import "monaco-editor/features/bracketMatching/register";
import "monaco-editor/features/caretOperations/register";
import "monaco-editor/features/clipboard/register";
import "monaco-editor/features/comment/register";
import "monaco-editor/features/cursorUndo/register";
import "monaco-editor/features/find/register";
import "monaco-editor/features/hover/register";
import "monaco-editor/features/indentation/register";
import "monaco-editor/features/lineSelection/register";
import "monaco-editor/features/linesOperations/register";
import "monaco-editor/features/multicursor/register";
import "monaco-editor/features/smartSelect/register";
import "monaco-editor/features/snippet/register";
import "monaco-editor/features/suggest/register";
import "monaco-editor/features/toggleTabFocusMode/register";
import "monaco-editor/features/unicodeHighlighter/register";
import "monaco-editor/features/wordHighlighter/register";
import "monaco-editor/features/wordOperations/register";
import "monaco-editor/features/wordPartOperations/register";
import "monaco-editor/languages/definitions/python/register";
import "monaco-editor/languages/definitions/markdown/register";
import { editor } from "monaco-editor/editor";
import EditorWorker from "monaco-editor/editor/editor.worker?worker";

export { editor, KeyCode, KeyMod, languages, Range, Uri } from "monaco-editor/editor";
export type { IDisposable, IPosition } from "monaco-editor/editor";

self.MonacoEnvironment = { getWorker: () => new EditorWorker() };

export const LINE_HEIGHT = 20;
export const PADDING = 6;

/** What all of the page's editors have in common. */
export const OPTIONS: editor.IStandaloneEditorConstructionOptions = {
  fontSize: 13,
  lineHeight: LINE_HEIGHT,
  fontFamily: "var(--mono)",
  padding: { top: PADDING, bottom: PADDING },
  glyphMargin: true,
  lineNumbersMinChars: 3,
  lineDecorationsWidth: 8,
  folding: false,
  minimap: { enabled: false },
  scrollBeyondLastLine: false,
  overviewRulerLanes: 0,
  overviewRulerBorder: false,
  hideCursorInOverviewRuler: true,
  renderLineHighlight: "none",
  fixedOverflowWidgets: true,
  contextmenu: false,
  wordBasedSuggestions: "off",
  occurrencesHighlight: "off",
  quickSuggestions: { other: true, comments: false, strings: false },
  hover: { enabled: "on", delay: 200, above: false },
  scrollbar: {
    vertical: "hidden",
    horizontalScrollbarSize: 8,
    alwaysConsumeMouseWheel: false,
    handleMouseWheel: true,
    useShadows: false,
  },
  stickyScroll: { enabled: false },
  guides: { indentation: false },
  accessibilitySupport: "auto",
};

/** Both themes take their colours from the page's own. */
export function defineThemes(): void {
  const common = { inherit: true, rules: [] };
  editor.defineTheme("celldap-light", {
    ...common,
    base: "vs",
    colors: { "editor.background": "#f7f8fa", "editorGutter.background": "#f7f8fa" },
  });
  editor.defineTheme("celldap-dark", {
    ...common,
    base: "vs-dark",
    colors: { "editor.background": "#1b1e24", "editorGutter.background": "#1b1e24" },
  });
}

export function useTheme(theme: "light" | "dark"): void {
  editor.setTheme(`celldap-${theme}`);
}
