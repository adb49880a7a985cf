// SPDX-License-Identifier: BSD-3-Clause
// The dialogs: one at a time, closed by Escape.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { commands } from "../commands/commands.ts";
import { changeUi } from "../session/app.ts";
import { BreakpointDialog } from "./breakpointdialog.tsx";
import { useApp, useSelect } from "./context.ts";
import { ActionButton } from "./icon.tsx";
import { KernelsDialog } from "./kernelsdialog.tsx";

interface FrameProps {
  readonly title: string;
  readonly children: ComponentChildren;
}

export function DialogFrame({ title, children }: FrameProps): JSX.Element {
  const app = useApp();
  const dialog = useRef<HTMLDialogElement>(null);
  const close = (): void => changeUi(app, { dialog: undefined });
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="dialog" aria-label={title} onClose={close}>
      <header class="dialog-head">
        <h2>{title}</h2>
        <ActionButton icon="close" title="Close" onClick={close} />
      </header>
      {children}
    </dialog>
  );
}

function KeysDialog(): JSX.Element {
  const rows = commands.filter(
    (command) => command.keys.length + (command.commandKeys?.length ?? 0) > 0,
  );
  return (
    <DialogFrame title="Keys">
      <p class="dim">The last column counts while no text is edited (Escape leaves the editor).</p>
      <div class="keys-scroll" tabIndex={0}>
        <table class="keys">
          <tbody>
            {rows.map((command) => (
              <tr key={command.id}>
                <td>{command.title}</td>
                <td>
                  {command.keys.map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </td>
                <td>
                  {command.commandKeys?.map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </DialogFrame>
  );
}

export function Dialogs(): JSX.Element | null {
  const dialog = useSelect((state) => state.ui.dialog);
  switch (dialog?.kind) {
    case "kernels":
      return <KernelsDialog />;
    case "keys":
      return <KeysDialog />;
    case "breakpoint":
      return <BreakpointDialog key={dialog.key} breakpointKey={dialog.key} />;
    case "choice":
      return <ChoiceDialog key={dialog.title} dialog={dialog} />;
    case undefined:
      return null;
  }
}

interface ChoiceProps {
  readonly dialog: {
    readonly title: string;
    readonly choices: readonly { readonly label: string; readonly pick: () => void }[];
  };
}

function ChoiceDialog({ dialog }: ChoiceProps): JSX.Element {
  const app = useApp();
  return (
    <DialogFrame title={dialog.title}>
      <ul class="choice-list">
        {dialog.choices.map(({ label, pick }) => (
          <li key={label}>
            <button
              type="button"
              class="entry"
              onClick={() => {
                changeUi(app, { dialog: undefined });
                pick();
              }}
            >
              {label}
            </button>
          </li>
        ))}
      </ul>
    </DialogFrame>
  );
}
