// SPDX-License-Identifier: BSD-3-Clause
// The threads and the frames of the stop.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { JSX } from "preact";
import type { ThreadFrames } from "../../model/state.ts";
import { attempt, sessionOf } from "../../session/app.ts";
import { moreFrames, selectFrame } from "../../session/stops.ts";
import { useApp, useSelect } from "../context.ts";
import { ActionButton, Icon } from "../icon.tsx";
import { Section } from "./section.tsx";

function where(frame: DebugProtocol.StackFrame): string {
  const name = frame.source?.name ?? "";
  const cell = /\[cell (\d+)\]/.exec(name);
  return `${cell === null ? name : `cell ${Number(cell[1]) + 1}`}:${frame.line}`;
}

function Frame({ frame }: { readonly frame: DebugProtocol.StackFrame }): JSX.Element {
  const app = useApp();
  const selected = useSelect((state) => state.debug.frame?.id === frame.id);
  const subtle = frame.presentationHint !== undefined && frame.presentationHint !== "normal";
  const restart = (): void =>
    attempt(app, () => sessionOf(app).request("restartFrame", { frameId: frame.id }));
  return (
    <li class={`frame${selected ? " selected" : ""}${subtle ? " subtle" : ""}`}>
      <button
        type="button"
        class="frame-main"
        aria-current={selected}
        onClick={() => attempt(app, () => selectFrame(app, frame))}
      >
        <span class="frame-name">{frame.name}</span>
        <span class="frame-place">{where(frame)}</span>
      </button>
      {frame.canRestart === true && (
        <ActionButton icon="debug-restart-frame" title="Restart this frame" onClick={restart} />
      )}
    </li>
  );
}

interface ThreadProps {
  readonly thread: DebugProtocol.Thread;
  readonly stack: ThreadFrames | undefined;
}

function Thread({ thread, stack }: ThreadProps): JSX.Element {
  const app = useApp();
  const isStopped = useSelect((state) => state.debug.stop?.threadId === thread.id);
  const title = useSelect((state) => state.debug.stop?.title ?? "");
  const left = (stack?.total ?? 0) - (stack?.frames.length ?? 0);
  const more = (): void => attempt(app, () => moreFrames(app, thread.id));
  return (
    <div class="thread">
      <div class="thread-name">
        <Icon name={isStopped ? "debug-pause" : "play"} />
        <span>{thread.name}</span>
        <span class="thread-state">{isStopped ? title : ""}</span>
        {stack === undefined && (
          <button type="button" class="fold" onClick={more}>
            frames
          </button>
        )}
      </div>
      <ol class="frames" aria-label={`frames of ${thread.name}`}>
        {stack?.frames.map((frame) => (
          <Frame key={frame.id} frame={frame} />
        ))}
      </ol>
      {left > 0 && (
        <button type="button" class="fold" onClick={more}>
          {left} more
        </button>
      )}
    </div>
  );
}

export function StackSection(): JSX.Element {
  const threads = useSelect((state) => state.debug.threads);
  const frames = useSelect((state) => state.debug.frames);
  return (
    <Section title="Call stack" grows={2}>
      {threads.length === 0 ? (
        <p class="empty">Not stopped.</p>
      ) : (
        <div class="threads">
          {threads.map((thread) => (
            <Thread key={thread.id} thread={thread} stack={frames.get(thread.id)} />
          ))}
        </div>
      )}
    </Section>
  );
}
