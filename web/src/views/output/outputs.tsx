// SPDX-License-Identifier: BSD-3-Clause
// The outputs of a cell, each in its best form.
import type { JSX } from "preact";
import { memo } from "preact/compat";
import { useMemo } from "preact/hooks";
import type { Output } from "../../model/outputs.ts";
import { type Shown, shownOf } from "../../render/mime.ts";
import { ErrorOutput } from "./error.tsx";
import { JsonOutput } from "./json.tsx";
import { Rich } from "./rich.tsx";
import { Sandbox } from "./sandbox.tsx";
import { TextOutput } from "./text.tsx";

function body(shown: Shown): JSX.Element {
  switch (shown.kind) {
    case "text":
      return <TextOutput text={shown.text} stream={shown.stream} />;
    case "html":
      return <Sandbox html={shown.html} />;
    case "image":
      return <img class="image" src={shown.url} alt={shown.alt} {...shown.size} />;
    case "markdown":
    case "latex":
      return <Rich kind={shown.kind} source={shown.source} />;
    case "json":
      return <JsonOutput value={shown.value} />;
    case "error":
      return <ErrorOutput traceback={shown.traceback} />;
    case "message":
      return <div class="message">{shown.text}</div>;
  }
}

const OneOutput = memo(function OneOutput({ output }: { readonly output: Output }): JSX.Element {
  const shown = useMemo(() => shownOf(output), [output]);
  return <div class={`output output-${shown.kind}`}>{body(shown)}</div>;
});

/** All outputs of a cell. */
export function Outputs({ outputs }: { readonly outputs: readonly Output[] }): JSX.Element | null {
  return outputs.length === 0 ? null : (
    <div class="outputs" role="group" aria-label="outputs">
      {outputs.map((output, index) => (
        <OneOutput key={index} output={output} />
      ))}
    </div>
  );
}
