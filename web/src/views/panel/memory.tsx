// SPDX-License-Identifier: BSD-3-Clause
// The bytes of a buffer, as hex and as text; a byte can be changed.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { attempt } from "../../session/app.ts";
import type { MemoryView } from "../../model/state.ts";
import { BYTES, readMemory, writeByte } from "../../session/values.ts";
import { useApp, useSelect } from "../context.ts";

const WIDTH = 16;

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}

function printable(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".";
}

function Byte({ at, value }: { readonly at: number; readonly value: number }): JSX.Element {
  const app = useApp();
  const [editing, setEditing] = useState(false);
  if (!editing) {
    return (
      <button
        type="button"
        class="byte"
        title={`byte ${at}: ${value}`}
        onClick={() => setEditing(true)}
      >
        {hex(value, 2)}
      </button>
    );
  }
  const onKeyDown = (event: KeyboardEvent & { currentTarget: HTMLInputElement }): void => {
    event.stopPropagation();
    const next = Number.parseInt(event.currentTarget.value, 16);
    if (event.key === "Enter" && next >= 0 && next <= 255) {
      setEditing(false);
      attempt(app, () => writeByte(app, at, next));
    } else if (event.key === "Escape") {
      setEditing(false);
    }
  };
  return (
    <input
      class="byte"
      maxLength={2}
      aria-label={`byte ${at}, hexadecimal`}
      ref={(element) => element?.focus()}
      defaultValue={hex(value, 2)}
      onKeyDown={onKeyDown}
      onBlur={() => setEditing(false)}
    />
  );
}

function Line(props: {
  readonly offset: number;
  readonly begin: number;
  readonly bytes: Uint8Array;
}): JSX.Element {
  const { offset, begin, bytes } = props;
  return (
    <div class="memory-line">
      <span class="memory-offset">{hex(offset + begin, 8)}</span>
      <span class="memory-bytes">
        {[...bytes].map((byte, index) => (
          <Byte key={`${index}:${byte}`} at={begin + index} value={byte} />
        ))}
      </span>
      <span class="memory-text">{[...bytes].map(printable).join("")}</span>
    </div>
  );
}

function Bar({ memory }: { readonly memory: MemoryView }): JSX.Element {
  const app = useApp();
  const { bytes, offset, reference, title } = memory;
  const go = (to: number): void =>
    attempt(app, () => readMemory(app, title, reference, Math.max(0, to)));
  return (
    <div class="panel-bar">
      <strong>{title}</strong> {bytes.length} bytes from {offset}
      <button
        type="button"
        class="button"
        disabled={offset === 0}
        onClick={() => go(offset - BYTES)}
      >
        Back
      </button>
      <button
        type="button"
        class="button"
        disabled={bytes.length < BYTES}
        onClick={() => go(offset + BYTES)}
      >
        On
      </button>
    </div>
  );
}

export function MemoryPanel(): JSX.Element {
  const memory = useSelect((state) => state.memory);
  if (memory === undefined) {
    return (
      <p class="empty">Choose “Show its memory” at a bytes, bytearray or array in the variables.</p>
    );
  }
  const { bytes, offset } = memory;
  const begins = Array.from({ length: Math.ceil(bytes.length / WIDTH) }, (_, line) => line * WIDTH);
  return (
    <div class="memory">
      <Bar memory={memory} />
      <div class="memory-lines" tabIndex={0} role="group" aria-label="bytes">
        {begins.map((begin) => (
          <Line
            key={begin}
            offset={offset}
            begin={begin}
            bytes={bytes.slice(begin, begin + WIDTH)}
          />
        ))}
      </div>
    </div>
  );
}
