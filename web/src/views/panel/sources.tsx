// SPDX-License-Identifier: BSD-3-Clause
// The sources that the program has loaded, and its modules.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { attempt, sessionOf } from "../../session/app.ts";
import { showSource } from "../../session/frames.ts";
import { useApp, useSelect } from "../context.ts";

interface Loaded {
  readonly sources: readonly DebugProtocol.Source[];
  readonly modules: readonly DebugProtocol.Module[];
}

const MOST = 300;

function matches(text: string, filter: string): boolean {
  return text.toLowerCase().includes(filter.toLowerCase());
}

function Source({ source }: { readonly source: DebugProtocol.Source }): JSX.Element {
  const app = useApp();
  const show = (): void => attempt(app, () => showSource(app, source));
  return (
    <li>
      <button type="button" class="trace-link" onClick={show}>
        {source.name ?? source.path}
      </button>
      <span class="dim">{source.path}</span>
    </li>
  );
}

function Sources(props: { readonly loaded: Loaded; readonly filter: string }): JSX.Element {
  const { loaded, filter } = props;
  const sources = loaded.sources.filter(({ path, name }) => matches(path ?? name ?? "", filter));
  const modules = loaded.modules.filter((module) => matches(module.name, filter));
  return (
    <div class="sources">
      <ul aria-label="loaded sources">
        {sources.slice(0, MOST).map((source, index) => (
          <Source key={index} source={source} />
        ))}
      </ul>
      <ul aria-label="modules">
        {modules.slice(0, MOST).map((module) => (
          <li key={module.id}>
            {module.name}
            <span class="dim">
              {module.version ?? ""} {module.path ?? ""}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

export function SourcesPanel(): JSX.Element {
  const app = useApp();
  const phase = useSelect((state) => state.kernel.phase);
  const [loaded, setLoaded] = useState<Loaded>({ sources: [], modules: [] });
  const [filter, setFilter] = useState("");
  const fetch = async (): Promise<void> => {
    const client = sessionOf(app);
    const [{ sources }, { modules }] = await Promise.all([
      client.request("loadedSources", {}),
      client.request("modules", {}),
    ]);
    setLoaded({ sources, modules });
  };
  useEffect(() => {
    if (phase === "idle" || phase === "stopped") {
      attempt(app, fetch);
    }
  }, [phase]);
  return (
    <div class="sources-panel">
      <div class="panel-bar">
        <input
          aria-label="Filter sources and modules"
          placeholder="Filter"
          value={filter}
          onInput={(event) => setFilter(event.currentTarget.value)}
        />
        {loaded.sources.length} sources, {loaded.modules.length} modules
      </div>
      <Sources loaded={loaded} filter={filter} />
    </div>
  );
}
