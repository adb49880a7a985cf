// SPDX-License-Identifier: BSD-3-Clause
// All breakpoints: in cells, in sources, on exceptions, on values.
import type { JSX } from "preact";
import * as list from "../../model/breakpoints.ts";
import type { Breakpoint } from "../../model/breakpoints.ts";
import type { DataBreakpoint, ExceptionFilter, State } from "../../model/state.ts";
import { attempt, changeUi } from "../../session/app.ts";
import { changeBreakpoints, changeFilter, sendDataBreakpoints } from "../../session/breakpoints.ts";
import { showSource } from "../../session/frames.ts";
import { sourceOf } from "../../session/places.ts";
import { useApp, useSelect } from "../context.ts";
import { ActionButton } from "../icon.tsx";
import { Section } from "./section.tsx";

function placeName(state: State, { place, line, column }: Breakpoint): string {
  const at = column === undefined ? `${line}` : `${line}:${column}`;
  if (place.kind === "source") {
    return `${place.path.split("/").at(-1) ?? ""}:${at}`;
  }
  const index = state.file?.cells.findIndex((cell) => cell.id === place.cellId) ?? -1;
  return index < 0 ? `deleted cell, line ${at}` : `cell ${index + 1}, line ${at}`;
}

function textAt(state: State, { place, line }: Breakpoint): string {
  const cell =
    place.kind === "cell" ? state.file?.cells.find(({ id }) => id === place.cellId) : undefined;
  return cell?.source.split("\n")[line - 1]?.trim() ?? "";
}

function BreakpointRow({ breakpoint }: { readonly breakpoint: Breakpoint }): JSX.Element {
  const app = useApp();
  const name = useSelect((state) => placeName(state, breakpoint));
  const code = useSelect((state) => textAt(state, breakpoint));
  const { key, enabled, answer } = breakpoint;
  const unverified = enabled && answer?.verified === false;
  const words = list.describe(breakpoint);
  const show = (): void =>
    attempt(app, () =>
      showSource(app, sourceOf(app.store.get(), breakpoint.place), breakpoint.line),
    );
  return (
    <li class="breakpoint">
      <input
        type="checkbox"
        checked={enabled}
        aria-label={`${name} enabled`}
        onChange={() =>
          changeBreakpoints(app, (all) => list.changeOne(all, key, { enabled: !enabled }))
        }
      />
      <span class={`dot dot-${list.kindOf(breakpoint)} dot-${enabled ? "set" : "disabled"}`} />
      <button type="button" class="breakpoint-place" title={answer?.message ?? code} onClick={show}>
        {name}
        <span class="breakpoint-words">{words === "" ? code : words}</span>
        {unverified && <span class="breakpoint-trouble">{answer.message ?? "not bound yet"}</span>}
      </button>
      <ActionButton
        icon="edit"
        title={`Edit ${name}`}
        onClick={() => changeUi(app, { dialog: { kind: "breakpoint", key } })}
      />
      <ActionButton
        icon="close"
        title={`Remove ${name}`}
        onClick={() => changeBreakpoints(app, (all) => all.filter((other) => other.key !== key))}
      />
    </li>
  );
}

function FilterRow({ filter }: { readonly filter: ExceptionFilter }): JSX.Element {
  const app = useApp();
  return (
    <li class="breakpoint">
      <label title={filter.description}>
        <input
          type="checkbox"
          checked={filter.enabled}
          onChange={() => changeFilter(app, filter.filter, { enabled: !filter.enabled })}
        />
        {filter.label}
      </label>
      {filter.takesCondition && filter.enabled && (
        <input
          class="filter-condition"
          placeholder="any"
          title={filter.conditionDescription}
          aria-label={`condition of ${filter.label}`}
          defaultValue={filter.condition}
          onChange={(event) =>
            changeFilter(app, filter.filter, { condition: event.currentTarget.value.trim() })
          }
        />
      )}
    </li>
  );
}

function DataRow({ data }: { readonly data: DataBreakpoint }): JSX.Element {
  const app = useApp();
  const remove = (): void => {
    app.store.update((state) => ({
      ...state,
      dataBreakpoints: state.dataBreakpoints.filter((other) => other.dataId !== data.dataId),
    }));
    attempt(app, () => sendDataBreakpoints(app));
  };
  return (
    <li class="breakpoint">
      <span class="dot dot-data dot-set" />
      <span class="breakpoint-place">{data.description} changes</span>
      <ActionButton icon="close" title={`Remove ${data.description}`} onClick={remove} />
    </li>
  );
}

export function BreakpointsSection(): JSX.Element {
  const app = useApp();
  const breakpoints = useSelect((state) => state.breakpoints);
  const filters = useSelect((state) => state.filters);
  const data = useSelect((state) => state.dataBreakpoints);
  return (
    <Section
      title="Breakpoints"
      grows={2}
      actions={
        <ActionButton
          icon="close-all"
          title="Remove all breakpoints"
          onClick={() => changeBreakpoints(app, () => [])}
        />
      }
    >
      <ul class="breakpoints">
        {filters.map((filter) => (
          <FilterRow key={filter.filter} filter={filter} />
        ))}
        {breakpoints.map((breakpoint) => (
          <BreakpointRow key={breakpoint.key} breakpoint={breakpoint} />
        ))}
        {data.map((row) => (
          <DataRow key={row.dataId} data={row} />
        ))}
      </ul>
      {breakpoints.length === 0 && (
        <p class="empty">Click left of a line number, or press F9 in a line.</p>
      )}
    </Section>
  );
}
