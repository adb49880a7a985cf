// SPDX-License-Identifier: BSD-3-Clause
// What the user must know: a lost connection, a dead kernel, a file that somebody else changed, an
// exception, and what went wrong last.
import type { ComponentChildren, JSX } from "preact";
import { useEffect } from "preact/hooks";
import { attempt, changeFile, changeUi, notify } from "../session/app.ts";
import { reloadFile, saveFile } from "../session/files.ts";
import { startKernel } from "../session/open.ts";
import { useApp, useSelect } from "./context.ts";
import { ActionButton, Icon } from "./icon.tsx";

interface NoticeProps {
  readonly kind: "trouble" | "warning" | "info";
  readonly children: ComponentChildren;
}

function Notice({ kind, children }: NoticeProps): JSX.Element {
  return (
    <div class={`notice notice-${kind}`} role={kind === "info" ? "status" : "alert"}>
      <Icon name={kind === "info" ? "info" : "warning"} />
      {children}
    </div>
  );
}

function KernelNotice(): JSX.Element | null {
  const app = useApp();
  const { phase, lost, trouble } = useSelect((state) => state.kernel);
  if (lost) {
    return <Notice kind="warning">{trouble} Trying again; what you edit is kept.</Notice>;
  }
  return phase === "ended" ? (
    <Notice kind="trouble">
      <span class="notice-text">{trouble ?? "The kernel has ended."}</span>
      <button type="button" class="button" onClick={() => void startKernel(app)}>
        Start a kernel
      </button>
    </Notice>
  ) : null;
}

function ConflictNotice(): JSX.Element | null {
  const app = useApp();
  const conflict = useSelect((state) => state.file?.conflict);
  const words = useSelect((state) => state.file?.saveError);
  if (conflict === undefined) {
    return null;
  }
  if (conflict === "failed") {
    const again = (): void => {
      changeFile(app, ({ conflict: _conflict, ...file }) => file);
      attempt(app, () => saveFile(app));
    };
    return (
      <Notice kind="trouble">
        <span class="notice-text">Not saved: {words}</span>
        <button type="button" class="button" onClick={again}>
          Try again
        </button>
      </Notice>
    );
  }
  return (
    <Notice kind="warning">
      <span class="notice-text">
        The file was changed by another program. Nothing was overwritten.
      </span>
      <button type="button" class="button" onClick={() => attempt(app, () => reloadFile(app))}>
        Load it, drop my changes
      </button>
      <button type="button" class="button" onClick={() => attempt(app, () => saveFile(app, true))}>
        Overwrite it
      </button>
    </Notice>
  );
}

function ExceptionNotice(): JSX.Element | null {
  const stop = useSelect((state) => state.debug.stop);
  if (stop?.reason !== "exception") {
    return null;
  }
  const { exception } = stop;
  const message = exception?.description ?? stop.text ?? "";
  return (
    <Notice kind="warning">
      <strong>{exception?.exceptionId ?? "Exception"}</strong>
      <span class="notice-text">{message}</span>
    </Notice>
  );
}

const SHOWN_MS = 8000;

function LastNotice(): JSX.Element | null {
  const app = useApp();
  const words = useSelect((state) => state.ui.notice);
  useEffect(() => {
    const timer = setTimeout(() => notify(app, undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [words]);
  return words === undefined ? null : (
    <div class="toast" role="alert">
      <span class="notice-text">{words}</span>
      <ActionButton
        icon="close"
        title="Close"
        onClick={() => changeUi(app, { notice: undefined })}
      />
    </div>
  );
}

export function Notices(): JSX.Element {
  return (
    <>
      <KernelNotice />
      <ConflictNotice />
      <ExceptionNotice />
      <LastNotice />
    </>
  );
}
