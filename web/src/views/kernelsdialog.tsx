// SPDX-License-Identifier: BSD-3-Clause
// Which kernel runs the notebook: a new one of a kind that is installed, or one that runs already.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Kernels } from "../api.ts";
import { type App, attempt, changeUi } from "../session/app.ts";
import { endSession, type How, startSession } from "../session/session.ts";
import { useApp, useSelect } from "./context.ts";
import { DialogFrame } from "./dialogs.tsx";
import { Icon } from "./icon.tsx";

/** A new kernel takes the place of the old one, which is ended; one that runs is left alone. */
async function changeTo(app: App, how: How): Promise<void> {
  const { id } = app.store.get().kernel;
  await endSession(app);
  if (how.kind === "launch" && id !== undefined) {
    await app.api.shutdown(id);
  }
  await startSession(app, how);
}

interface RowProps {
  readonly title: string;
  readonly note: string;
  readonly icon: string;
  readonly current?: boolean;
  readonly how: How;
}

function Row({ title, note, icon, current = false, how }: RowProps): JSX.Element {
  const app = useApp();
  const choose = (): void => {
    changeUi(app, { dialog: undefined });
    attempt(app, () => changeTo(app, how));
  };
  return (
    <li>
      <button
        type="button"
        class="entry"
        aria-current={current}
        disabled={current}
        onClick={choose}
      >
        <Icon name={current ? "check" : icon} />
        <span class="entry-name">{title}</span>
        <span class="entry-time">{note}</span>
      </button>
    </li>
  );
}

export function KernelsDialog(): JSX.Element {
  const app = useApp();
  const mine = useSelect((state) => state.kernel.id);
  const [kernels, setKernels] = useState<Kernels | undefined>(undefined);
  useEffect(() => attempt(app, async () => setKernels(await app.api.kernels())), [app]);
  const python = kernels?.installed.filter((kernel) => kernel.language === "python") ?? [];
  return (
    <DialogFrame title="Kernel">
      <h3>Start a new one</h3>
      <ul aria-label="installed kernels">
        <Row title="celldap" note="the notebook's Python" icon="play" how={{ kind: "launch" }} />
        {python.map((kernel) => (
          <Row
            key={kernel.name}
            title={kernel.displayName}
            note={kernel.debugger ? "with a debugger" : "without a debugger"}
            icon="play"
            how={{ kind: "launch", kernel: kernel.name }}
          />
        ))}
      </ul>
      <h3>Use one that runs</h3>
      <ul aria-label="running kernels">
        {kernels?.running.map((kernel) => (
          <Row
            key={kernel.id}
            title={kernel.notebook?.split("/").at(-1) ?? kernel.id}
            note={`${kernel.kernelName} ${kernel.state}`}
            icon="plug"
            current={kernel.id === mine}
            how={{ kind: "attach", id: kernel.id }}
          />
        ))}
      </ul>
      {kernels?.running.length === 0 && <p class="empty">No kernel runs.</p>}
    </DialogFrame>
  );
}
