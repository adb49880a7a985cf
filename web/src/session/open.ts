// SPDX-License-Identifier: BSD-3-Clause
// Opening a file with its kernel, and leaving it.
import { forgetModels } from "../editor/models.ts";
import { noKernel } from "../model/state.ts";
import { type App, changeKernel, wordsOf } from "./app.ts";
import { autosave, listFolder, openFile } from "./files.ts";
import { endSession, resume } from "./session.ts";

/** The page's address says which file is open, so that a reload comes back to it. */
function remember(path: string | undefined): void {
  const rest = new URLSearchParams(location.hash.slice(1));
  if (path === undefined) {
    rest.delete("open");
  } else {
    rest.set("open", path);
  }
  history.replaceState(null, "", `#${rest.toString()}`);
  document.title = path === undefined ? "celldap" : `${path.split("/").at(-1) ?? ""} – celldap`;
}

export async function openPath(app: App, path: string): Promise<void> {
  forgetModels();
  await openFile(app, path);
  remember(path);
  await startKernel(app);
}

/** The notebook can be read and edited without a kernel; why there is none is told. */
export async function startKernel(app: App): Promise<void> {
  try {
    await resume(app);
  } catch (error) {
    if (!app.store.get().kernel.lost) {
      app.client = undefined;
      changeKernel(app, { ...noKernel, phase: "ended", trouble: wordsOf(error) });
    }
  }
}

/** Back to the list of files; the kernel goes on. */
export function closeFile(app: App): void {
  void autosave(app).then(async () => {
    await endSession(app);
    forgetModels();
    app.store.set({ file: undefined, source: undefined, kernel: noKernel, breakpoints: [] });
    remember(undefined);
    await listFolder(app, app.store.get().folder.path);
  });
}
