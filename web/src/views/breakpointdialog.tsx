// SPDX-License-Identifier: BSD-3-Clause
// What a breakpoint does: condition, hit count, log message.
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import * as list from "../model/breakpoints.ts";
import type { BreakpointRules } from "../model/breakpoints.ts";
import { changeUi } from "../session/app.ts";
import { changeBreakpoints } from "../session/breakpoints.ts";
import { useApp, useSelect } from "./context.ts";
import { DialogFrame } from "./dialogs.tsx";

const FIELDS = [
  ["condition", "Stop only if", "a Python expression, e.g. total > 10"],
  ["hitCondition", "Stop at the hits", "e.g. 5, >= 3, % 10"],
  ["logMessage", "Print instead of stopping", "text with {expressions}"],
] as const;

function rulesOf(form: HTMLFormElement): BreakpointRules {
  const data = new FormData(form);
  const given = FIELDS.flatMap(([name]) => {
    const value = data.get(name);
    return typeof value === "string" && value.trim() !== "" ? [[name, value.trim()] as const] : [];
  });
  return Object.fromEntries(given);
}

function Fields({ rules }: { readonly rules: BreakpointRules }): JSX.Element {
  return (
    <>
      {FIELDS.map(([name, label, hint]) => (
        <label key={name}>
          <span>{label}</span>
          <input
            name={name}
            placeholder={hint}
            defaultValue={rules[name] ?? ""}
            autocomplete="off"
            spellcheck={false}
          />
        </label>
      ))}
    </>
  );
}

interface Props {
  readonly breakpointKey: string;
}

export function BreakpointDialog({ breakpointKey }: Props): JSX.Element | null {
  const app = useApp();
  const form = useRef<HTMLFormElement>(null);
  const breakpoint = useSelect((state) =>
    state.breakpoints.find(({ key }) => key === breakpointKey),
  );
  if (breakpoint === undefined) {
    return null;
  }
  const close = (change: (all: list.Breakpoints) => list.Breakpoints): void => {
    changeUi(app, { dialog: undefined });
    changeBreakpoints(app, change);
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const rules = form.current === null ? breakpoint.rules : rulesOf(form.current);
    close((all) => list.changeOne(all, breakpointKey, { rules, enabled: true }));
  };
  const remove = (): void => close((all) => all.filter(({ key }) => key !== breakpointKey));
  return (
    <DialogFrame title={`Breakpoint, line ${breakpoint.line}`}>
      <form ref={form} class="form" onSubmit={submit}>
        <Fields rules={breakpoint.rules} />
        <div class="form-buttons">
          <button type="submit" class="button primary">
            Set
          </button>
          <button type="button" class="button" onClick={remove}>
            Remove
          </button>
        </div>
      </form>
    </DialogFrame>
  );
}
