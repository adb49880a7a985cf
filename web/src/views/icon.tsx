// SPDX-License-Identifier: BSD-3-Clause
// Icons, and buttons that do a command.
import type { JSX } from "preact";
import type { Command } from "../commands/command.ts";
import { commandOf, isOn, run } from "../commands/commands.ts";
import { useApp, useSelect } from "./context.ts";

export function Icon({ name }: { readonly name: string }): JSX.Element {
  return <span class={`codicon codicon-${name}`} aria-hidden="true" />;
}

export function keysText(command: Command): string {
  const [key] = [...command.keys, ...(command.commandKeys ?? [])];
  return key === undefined ? "" : ` (${key.replace("Arrow", "")})`;
}

interface ButtonProps {
  readonly id: string;
  readonly label?: string;
}

/** A button for a command; grey where it makes no sense now. */
export function CommandButton({ id, label }: ButtonProps): JSX.Element | null {
  const app = useApp();
  const command = commandOf(id);
  const on = useSelect((state) => command !== undefined && isOn(command, state));
  if (command === undefined) {
    return null;
  }
  const name = command.title + keysText(command);
  return (
    <button
      type="button"
      class={label === undefined ? "icon-button" : "button"}
      disabled={!on}
      title={name}
      aria-label={name}
      data-command={id}
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => run(app, command)}
    >
      <Icon name={command.icon} />
      {label}
    </button>
  );
}

interface ActionProps {
  readonly icon: string;
  readonly title: string;
  readonly onClick: () => void;
  readonly pressed?: boolean;
}

export function ActionButton({ icon, title, onClick, pressed }: ActionProps): JSX.Element {
  return (
    <button
      type="button"
      class="icon-button"
      title={title}
      aria-label={title}
      {...(pressed === undefined ? {} : { "aria-pressed": pressed })}
      onClick={(event) => {
        event.stopPropagation();
        onClick();
      }}
    >
      <Icon name={icon} />
    </button>
  );
}
