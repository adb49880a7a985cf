// SPDX-License-Identifier: BSD-3-Clause
// From Jupyter's output messages to what a notebook cell shows, without VS Code's types.

import { isRecord } from "../dap/protocol.js";

/** One representation of an output. */
export interface Item {
  readonly mime: string;
  readonly data: string | Uint8Array;
}

/** Metadata as VS Code's own reader of .ipynb files keeps it, so that its writer finds it. */
export interface OutputMetadata {
  readonly outputType: string;
  readonly executionCount?: number;
  readonly metadata?: unknown;
  readonly transient?: unknown;
  readonly originalError?: unknown;
}

const STDOUT = "application/vnd.code.notebook.stdout";
const STDERR = "application/vnd.code.notebook.stderr";
const ERROR = "application/vnd.code.notebook.error";
const TEXT_LIKE = /^(text\/|image\/svg\+xml$|application\/(javascript|xml)$)/;

/** The mime type of a stream's text. */
export function streamMime(name: unknown): string {
  return name === "stderr" ? STDERR : STDOUT;
}

function text(value: unknown): string {
  return Array.isArray(value) ? value.map(String).join("") : String(value);
}

function item(mime: string, value: unknown): Item {
  if (typeof value !== "string" && !Array.isArray(value)) {
    return { mime, data: JSON.stringify(value) };
  }
  if (TEXT_LIKE.test(mime)) {
    return { mime, data: text(value) };
  }
  if (/[/+]json$/.test(mime)) {
    return { mime, data: JSON.stringify(value) };
  }
  if (/^(image|audio|video)\/|^application\/(pdf|octet-stream)$/.test(mime)) {
    return { mime, data: Buffer.from(text(value), "base64") };
  }
  return { mime, data: text(value) };
}

/** Every representation of a mime bundle; VS Code shows the first that it can, plain text is last. */
export function bundleItems(data: unknown): Item[] {
  const bundle = isRecord(data) ? Object.entries(data) : [];
  const rank = (mime: string): number =>
    mime === "text/plain"
      ? 3
      : mime === "text/markdown"
        ? 2
        : mime === "text/html"
          ? 1
          : 0;
  return bundle
    .map(([mime, value]) => item(mime, value))
    .sort((a, b) => rank(a.mime) - rank(b.mime));
}

/** A traceback as VS Code's error renderer takes it. */
export function errorItem(content: Readonly<Record<string, unknown>>): Item {
  const trace = content["traceback"];
  return {
    mime: ERROR,
    data: JSON.stringify({
      name: text(content["ename"] ?? ""),
      message: text(content["evalue"] ?? ""),
      stack: Array.isArray(trace) ? trace.map(String).join("\n") : "",
    }),
  };
}

/** display_id of a display_data, an execute_result or an update_display_data. */
export function displayId(
  content: Readonly<Record<string, unknown>>,
): string | undefined {
  const transient = content["transient"];
  const id = isRecord(transient) ? transient["display_id"] : undefined;
  return typeof id === "string" ? id : undefined;
}

/** What the writer of the .ipynb file needs to know of an output. */
export function outputMetadata(
  msgType: string,
  content: Readonly<Record<string, unknown>>,
): OutputMetadata {
  if (msgType === "error") {
    return { outputType: "error", originalError: content };
  }
  if (msgType === "stream") {
    return { outputType: "stream" };
  }
  const count = content["execution_count"];
  return {
    outputType: msgType,
    ...(typeof count === "number" ? { executionCount: count } : {}),
    metadata: content["metadata"] ?? {},
    transient: content["transient"] ?? {},
  };
}

/** A terminal's carriage returns and backspaces, applied: progress bars overwrite their line. */
export function applyReturns(written: string): string {
  const lines = written.replace(/\r+\n/g, "\n").split("\n");
  return lines.map(applyInLine).join("\n");
}

function applyInLine(line: string): string {
  const shown: string[] = [];
  let at = 0;
  for (const char of line) {
    if (char === "\r") {
      at = 0;
    } else if (char === "\b") {
      at = Math.max(0, at - 1);
    } else {
      shown[at++] = char;
    }
  }
  return line.endsWith("\r") ? `${shown.join("")}\r` : shown.join("");
}
