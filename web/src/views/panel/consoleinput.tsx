// SPDX-License-Identifier: BSD-3-Clause
// The line of the console: completion on Tab, history on the arrows, more lines with Shift+Enter.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { emptyHistory, remember, walk } from "../../model/history.ts";
import { type App, attempt } from "../../session/app.ts";
import { complete, evaluateInConsole } from "../../session/console.ts";
import { useApp } from "../context.ts";
import { Icon } from "../icon.tsx";

type Item = DebugProtocol.CompletionItem;

interface Choice {
  readonly items: readonly Item[];
  readonly at: number;
}

let history = emptyHistory;

/** Puts a completion in the place of the word before the cursor. */
function put(field: HTMLTextAreaElement, item: Item): void {
  const cursor = field.selectionStart;
  const before = field.value.slice(0, cursor);
  const word = /\w*$/.exec(before)?.[0] ?? "";
  field.setRangeText(item.text ?? item.label, cursor - word.length, cursor, "end");
}

function resize(field: HTMLTextAreaElement): void {
  field.rows = Math.min(10, field.value.split("\n").length);
}

async function ask(app: App, field: HTMLTextAreaElement): Promise<readonly Item[]> {
  const before = field.value.slice(0, field.selectionStart);
  const line = before.split("\n").length;
  const column = before.length - before.lastIndexOf("\n");
  return complete(app, field.value, column, line);
}

function onArrow(field: HTMLTextAreaElement, event: KeyboardEvent): void {
  const up = event.key === "ArrowUp";
  const edge = up
    ? !field.value.slice(0, field.selectionStart).includes("\n")
    : !field.value.slice(field.selectionEnd).includes("\n");
  if (edge) {
    event.preventDefault();
    const walked = walk(history, up ? -1 : 1, field.value);
    history = walked.history;
    field.value = walked.text;
    resize(field);
  }
}

function submit(app: App, field: HTMLTextAreaElement): void {
  const text = field.value.trimEnd();
  if (text !== "") {
    history = remember(history, text);
    field.value = "";
    resize(field);
    attempt(app, () => evaluateInConsole(app, text));
  }
}

interface ListProps {
  readonly choice: Choice;
  readonly onPick: (item: Item) => void;
}

function ChoiceList({ choice, onPick }: ListProps): JSX.Element {
  const first = Math.max(0, Math.min(choice.at - 4, choice.items.length - 9));
  return (
    <ul class="choices" role="listbox" aria-label="completions" id="console-choices">
      {choice.items.slice(first, first + 9).map((item, index) => (
        <li
          key={item.label}
          role="option"
          aria-selected={first + index === choice.at}
          onMouseDown={(event) => {
            event.preventDefault();
            onPick(item);
          }}
        >
          {item.label} <span class="choice-type">{item.type ?? ""}</span>
        </li>
      ))}
    </ul>
  );
}

type Field = HTMLTextAreaElement;
type Choose = (choice: Choice | undefined) => void;

function pick(field: Field | null, item: Item | undefined, choose: Choose): void {
  choose(undefined);
  if (field !== null && item !== undefined) {
    put(field, item);
  }
}

async function startChoice(app: App, field: Field, choose: Choose): Promise<void> {
  const items = await ask(app, field);
  if (items.length === 1) {
    pick(field, items[0], choose);
  } else {
    choose(items.length === 0 ? undefined : { items, at: 0 });
  }
}

function onFieldKey(app: App, event: KeyboardEvent, field: Field, choose: Choose): void {
  const { key, shiftKey } = event;
  if (key === "Tab" && !shiftKey && field.value.trim() !== "") {
    event.preventDefault();
    attempt(app, () => startChoice(app, field, choose));
  } else if (key === "Enter" && !shiftKey) {
    event.preventDefault();
    submit(app, field);
  } else if (key === "ArrowUp" || key === "ArrowDown") {
    onArrow(field, event);
  }
}

export function ConsoleInput(): JSX.Element {
  const app = useApp();
  const field = useRef<Field>(null);
  const [choice, setChoice] = useState<Choice | undefined>(undefined);
  const pickItem = (item: Item | undefined): void => pick(field.current, item, setChoice);
  const onKeyDown = (event: KeyboardEvent & { currentTarget: Field }): void => {
    if (choice !== undefined && chooseByKey(event, choice, setChoice, pickItem)) {
      event.preventDefault();
      event.stopPropagation();
    } else {
      onFieldKey(app, event, event.currentTarget, setChoice);
    }
  };
  return (
    <div class="console-input">
      <Icon name="chevron-right" />
      {choice !== undefined && <ChoiceList choice={choice} onPick={pickItem} />}
      <textarea
        ref={field}
        rows={1}
        spellcheck={false}
        aria-label="Python for the debug console"
        placeholder="Python; Tab completes, Shift+Enter for another line"
        onKeyDown={onKeyDown}
        onInput={(event) => {
          setChoice(undefined);
          resize(event.currentTarget);
        }}
      />
    </div>
  );
}

function chooseByKey(
  event: KeyboardEvent,
  choice: Choice,
  setChoice: Choose,
  pickItem: (item: Item | undefined) => void,
): boolean {
  const { items, at } = choice;
  switch (event.key) {
    case "ArrowDown":
    case "ArrowUp": {
      const by = event.key === "ArrowDown" ? 1 : items.length - 1;
      setChoice({ items, at: (at + by) % items.length });
      return true;
    }
    case "Enter":
    case "Tab":
      pickItem(items[at]);
      return true;
    case "Escape":
      setChoice(undefined);
      return true;
    default:
      return false;
  }
}
