// SPDX-License-Identifier: BSD-3-Clause
// Which of an output's forms is shown, and as what.
import { isJson, type Json, text } from "../protocol/guards.ts";
import { joined } from "../model/notebook.ts";
import type { Output } from "../model/outputs.ts";

export type Shown =
  | {
      readonly kind: "text";
      readonly text: string;
      readonly stream: "stdout" | "stderr" | "result";
    }
  | { readonly kind: "html"; readonly html: string }
  | { readonly kind: "image"; readonly url: string; readonly alt: string; readonly size: Size }
  | { readonly kind: "markdown"; readonly source: string }
  | { readonly kind: "latex"; readonly source: string }
  | { readonly kind: "json"; readonly value: unknown }
  | { readonly kind: "error"; readonly name: string; readonly traceback: string }
  | { readonly kind: "message"; readonly text: string };

export interface Size {
  readonly width?: number;
  readonly height?: number;
}

const WIDGET = "application/vnd.jupyter.widget-view+json";
const IMAGES = ["image/png", "image/jpeg", "image/gif", "image/webp"] as const;

function sizeOf(metadata: unknown, mime: string): Size {
  const own = isJson(metadata) ? metadata[mime] : undefined;
  const { width, height } = isJson(own) ? own : {};
  return {
    ...(typeof width === "number" ? { width } : {}),
    ...(typeof height === "number" ? { height } : {}),
  };
}

function image(data: Json, metadata: unknown): Shown | undefined {
  const alt = joined(data["text/plain"]).slice(0, 200) || "output image";
  for (const mime of IMAGES) {
    const content = joined(data[mime]).replace(/\s/g, "");
    if (content !== "") {
      return {
        kind: "image",
        url: `data:${mime};base64,${content}`,
        alt,
        size: sizeOf(metadata, mime),
      };
    }
  }
  const svg = joined(data["image/svg+xml"]);
  if (svg === "") {
    return undefined;
  }
  // as a picture an SVG runs no script and fetches nothing
  const url = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  return { kind: "image", url, alt, size: sizeOf(metadata, "image/svg+xml") };
}

function widget(data: Json): Shown | undefined {
  return data[WIDGET] === undefined
    ? undefined
    : {
        kind: "message",
        text: "An interactive widget: this page cannot show it. Open the notebook in JupyterLab for it.",
      };
}

function rich(data: Json): Shown | undefined {
  if (data["text/html"] !== undefined) {
    return { kind: "html", html: joined(data["text/html"]) };
  }
  if (data["text/markdown"] !== undefined) {
    return { kind: "markdown", source: joined(data["text/markdown"]) };
  }
  if (data["text/latex"] !== undefined) {
    return { kind: "latex", source: joined(data["text/latex"]) };
  }
  return data["application/json"] === undefined
    ? undefined
    : { kind: "json", value: data["application/json"] };
}

function bundle(data: Json, metadata: unknown): Shown {
  const plain = data["text/plain"];
  const shown = widget(data) ?? image(data, metadata) ?? rich(data);
  if (shown !== undefined) {
    return shown;
  }
  if (plain !== undefined) {
    return { kind: "text", text: joined(plain), stream: "result" };
  }
  return {
    kind: "message",
    text: `This page cannot show ${Object.keys(data).join(", ") || "an empty output"}.`,
  };
}

function errorText(output: Json): string {
  const { traceback } = output;
  return Array.isArray(traceback) && traceback.length > 0
    ? traceback.filter((line) => typeof line === "string").join("\n")
    : `${text(output, "ename") ?? "Error"}: ${text(output, "evalue") ?? ""}`;
}

export function shownOf({ data: output }: Output): Shown {
  switch (output["output_type"]) {
    case "stream": {
      const stream = output["name"] === "stderr" ? "stderr" : "stdout";
      return { kind: "text", text: joined(output["text"]), stream };
    }
    case "error":
      return {
        kind: "error",
        name: text(output, "ename") ?? "Error",
        traceback: errorText(output),
      };
    default: {
      const { data } = output;
      return bundle(isJson(data) ? data : {}, output["metadata"]);
    }
  }
}
