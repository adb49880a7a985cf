// SPDX-License-Identifier: BSD-3-Clause
// What `celldap serve` offers over HTTP; the token travels in the Authorization header.
import { isJson, type Json, text } from "./protocol/guards.ts";
import type { FolderEntry, ServerInfo } from "./model/state.ts";

/** A refusal of the server, with its words. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface FileContent {
  readonly text: string;
  readonly etag: string;
}

export interface InstalledKernel {
  readonly name: string;
  readonly displayName: string;
  readonly language: string;
  readonly debugger: boolean;
}

export interface RunningKernel {
  readonly id: string;
  readonly state: string;
  readonly kernelName: string;
  readonly notebook: string | undefined;
  readonly since: number;
}

export interface Kernels {
  readonly installed: readonly InstalledKernel[];
  readonly running: readonly RunningKernel[];
}

function entry(row: Json): FolderEntry {
  const { size, modified } = row;
  return {
    name: text(row, "name") ?? "",
    type: row["type"] === "folder" ? "folder" : "file",
    size: typeof size === "number" ? size : 0,
    modified: typeof modified === "number" ? modified : 0,
  };
}

function list(value: unknown, key: string): readonly Json[] {
  const items = isJson(value) ? value[key] : undefined;
  return Array.isArray(items) ? items.filter(isJson) : [];
}

function installed(row: Json): InstalledKernel {
  const name = text(row, "name") ?? "";
  return {
    name,
    displayName: text(row, "display_name") ?? name,
    language: text(row, "language") ?? "",
    debugger: row["debugger"] === true,
  };
}

function running(row: Json): RunningKernel {
  return {
    id: text(row, "id") ?? text(row, "file") ?? "",
    state: text(row, "state") ?? "",
    kernelName: text(row, "kernel_name") ?? "",
    notebook: text(row, "notebook"),
    since: typeof row["since"] === "number" ? row["since"] : 0,
  };
}

export class Api {
  private readonly token: string;
  private readonly base: string;

  /** `base` is where the server is; in the page, where the page is. */
  constructor(token: string, base = "") {
    this.token = token;
    this.base = base;
  }

  async info(): Promise<ServerInfo> {
    const body = await this.json("api/info");
    return {
      version: text(body, "version") ?? "",
      root: text(body, "root") ?? "",
      open: text(body, "open") ?? null,
    };
  }

  async list(path: string): Promise<readonly FolderEntry[]> {
    const body = await this.json(`api/list?path=${encodeURIComponent(path)}`);
    return list(body, "entries").map(entry);
  }

  async read(path: string): Promise<FileContent> {
    const response = await this.fetch(`api/file?path=${encodeURIComponent(path)}`, {});
    return { text: await response.text(), etag: response.headers.get("ETag") ?? "" };
  }

  async blob(path: string): Promise<Blob> {
    const response = await this.fetch(`api/file?path=${encodeURIComponent(path)}`, {});
    return response.blob();
  }

  /** Writes the file if it is still the one with `etag`; undefined: if it is not there yet. */
  async write(path: string, content: string, etag: string | undefined): Promise<string> {
    const condition: Record<string, string> =
      etag === undefined ? { "If-None-Match": "*" } : { "If-Match": etag };
    const response = await this.fetch(`api/file?path=${encodeURIComponent(path)}`, {
      method: "PUT",
      headers: condition,
      body: content,
    });
    const body: unknown = await response.json();
    return response.headers.get("ETag") ?? text(body, "etag") ?? "";
  }

  async kernels(): Promise<Kernels> {
    const body = await this.json("api/kernels");
    return {
      installed: list(body, "installed").map(installed),
      running: list(body, "running")
        .map(running)
        .filter((kernel) => kernel.state === "alive")
        .sort((a, b) => b.since - a.since),
    };
  }

  async shutdown(id: string): Promise<void> {
    await this.fetch(`api/kernels/${encodeURIComponent(id)}/shutdown`, { method: "POST" });
  }

  private async json(path: string): Promise<unknown> {
    return (await this.fetch(path, {})).json();
  }

  private async fetch(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("Authorization", `Bearer ${this.token}`);
    const response = await fetch(this.base + path, { ...init, headers, cache: "no-store" });
    if (!response.ok) {
      const body: unknown = await response.json().catch(() => undefined);
      const error = isJson(body) ? body["error"] : undefined;
      throw new ApiError(response.status, text(error, "message") ?? response.statusText);
    }
    return response;
  }
}
