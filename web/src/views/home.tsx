// SPDX-License-Identifier: BSD-3-Clause
// The served folder: what can be opened.
import type { JSX } from "preact";
import type { FolderEntry } from "../model/state.ts";
import { attempt } from "../session/app.ts";
import { createNotebook, isOpenable, listFolder } from "../session/files.ts";
import { openPath } from "../session/open.ts";
import { useApp, useSelect } from "./context.ts";
import { Icon } from "./icon.tsx";

function iconOf(entry: FolderEntry): string {
  if (entry.type === "folder") {
    return "folder";
  }
  return entry.name.endsWith(".ipynb")
    ? "notebook"
    : entry.name.endsWith(".py")
      ? "python"
      : "file";
}

function when(modified: number): string {
  return new Date(modified).toISOString().slice(0, 16).replace("T", " ");
}

function join(folder: string, name: string): string {
  return folder === "" || folder === "." ? name : `${folder}/${name}`;
}

function parentOf(path: string): string {
  return path.split("/").slice(0, -1).join("/");
}

function Entry({
  folder,
  entry,
}: {
  readonly folder: string;
  readonly entry: FolderEntry;
}): JSX.Element {
  const app = useApp();
  const path = join(folder, entry.name);
  const can = entry.type === "folder" || isOpenable(entry.name);
  const open = (): void =>
    attempt(app, () => (entry.type === "folder" ? listFolder(app, path) : openPath(app, path)));
  return (
    <li>
      <button type="button" class="entry" disabled={!can} onClick={open}>
        <Icon name={iconOf(entry)} />
        <span class="entry-name">{entry.name}</span>
        <span class="entry-time">{when(entry.modified)}</span>
      </button>
    </li>
  );
}

function order(a: FolderEntry, b: FolderEntry): number {
  return a.type === b.type ? a.name.localeCompare(b.name) : a.type === "folder" ? -1 : 1;
}

export function Home(): JSX.Element {
  const app = useApp();
  const folder = useSelect((state) => state.folder);
  const root = useSelect((state) => state.info?.root ?? "");
  const entries = folder.entries?.filter((entry) => !entry.name.startsWith(".")) ?? [];
  return (
    <main class="home">
      <h1>{folder.path === "" || folder.path === "." ? root : `${root}/${folder.path}`}</h1>
      {folder.error !== undefined && <p class="trouble">{folder.error}</p>}
      <ul class="entries" aria-label="files">
        {folder.path !== "" && folder.path !== "." && (
          <li>
            <button
              type="button"
              class="entry"
              onClick={() => attempt(app, () => listFolder(app, parentOf(folder.path)))}
            >
              <Icon name="arrow-up" />
              <span class="entry-name">..</span>
            </button>
          </li>
        )}
        {[...entries].sort(order).map((entry) => (
          <Entry key={entry.name} folder={folder.path} entry={entry} />
        ))}
      </ul>
      {folder.entries !== undefined && entries.length === 0 && (
        <p class="empty">This folder is empty.</p>
      )}
      <button
        type="button"
        class="button"
        onClick={() => attempt(app, async () => openPath(app, await createNotebook(app)))}
      >
        <Icon name="new-file" /> New notebook
      </button>
    </main>
  );
}
