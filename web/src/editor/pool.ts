// SPDX-License-Identifier: BSD-3-Clause
// Editors are dear, so they are used again: a cell that scrolls into view takes one that another
// left. New ones are made one at a time, when the page has nothing better to do.
import { editor, OPTIONS } from "./monaco.ts";

export interface PooledEditor {
  readonly editor: editor.IStandaloneCodeEditor;
  readonly host: HTMLElement;
}

const SPARE = 24;
const free: PooledEditor[] = [];
const waiting = new Set<() => void>();
let planned = false;

function create(): PooledEditor {
  const host = document.createElement("div");
  host.className = "editor-host";
  return { host, editor: editor.create(host, { ...OPTIONS, model: null }) };
}

function plan(): void {
  if (!planned && waiting.size > 0) {
    planned = true;
    requestAnimationFrame(serve);
  }
}

/** One editor a frame: scrolling stays smooth. */
function serve(): void {
  planned = false;
  for (const next of waiting) {
    waiting.delete(next);
    next();
    break;
  }
  plan();
}

/** Calls `take` with an editor, at once when one is spare; the result gives it up again. */
export function acquire(take: (pooled: PooledEditor) => void, atOnce: boolean): () => void {
  let mine: PooledEditor | undefined;
  const give = (): void => {
    mine = free.pop() ?? create();
    take(mine);
  };
  if (atOnce) {
    give();
  } else {
    waiting.add(give);
    plan();
  }
  return () => {
    waiting.delete(give);
    if (mine !== undefined) {
      release(mine);
    }
  };
}

function release(pooled: PooledEditor): void {
  pooled.host.remove();
  pooled.editor.setModel(null);
  if (free.length < SPARE) {
    free.push(pooled);
  } else {
    pooled.editor.dispose();
  }
}
