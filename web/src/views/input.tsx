// SPDX-License-Identifier: BSD-3-Clause
// A program that waits for input(): a line to answer in, under the cell that runs.
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { State } from "../model/state.ts";
import { attempt } from "../session/app.ts";
import { answerInput } from "../session/running.ts";
import { useApp, useSelect } from "./context.ts";

function asks(state: State, cellId: string): boolean {
  return state.input !== undefined && state.runs.get(cellId)?.state === "running";
}

export function InputPrompt({ cellId }: { readonly cellId: string }): JSX.Element | null {
  const app = useApp();
  const input = useSelect((state) => (asks(state, cellId) ? state.input : undefined));
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (input !== undefined) {
      field.current?.focus();
    }
  }, [input]);
  if (input === undefined) {
    return null;
  }
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const value = field.current?.value ?? "";
    attempt(app, () => answerInput(app, value));
  };
  return (
    <form class="input-prompt" onSubmit={submit}>
      <label>
        <span>{input.prompt === "" ? "The program waits for input:" : input.prompt}</span>
        {input.password ? (
          <input ref={field} type="password" autocomplete="off" />
        ) : (
          <input ref={field} type="text" autocomplete="off" spellcheck={false} />
        )}
      </label>
      <button type="submit" class="button">
        Send
      </button>
    </form>
  );
}
