// SPDX-License-Identifier: BSD-3-Clause
// `celldap serve` on a folder of its own, and notebooks to put into it.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Api } from "../../src/api.ts";

export const BUILD = process.env["CELLDAP_BUILD"] ?? resolve(import.meta.dirname, "../../../build");

export interface TestCell {
  readonly type?: "code" | "markdown" | "raw";
  readonly source: string;
  readonly outputs?: readonly unknown[];
  readonly attachments?: unknown;
}

export function notebookOf(cells: readonly TestCell[]): string {
  const all = cells.map(({ type = "code", source, outputs = [], attachments }, index) => ({
    ...(attachments === undefined ? {} : { attachments }),
    cell_type: type,
    ...(type === "code" ? { execution_count: null } : {}),
    id: `c${index}`,
    metadata: {},
    ...(type === "code" ? { outputs } : {}),
    source: source.split(/(?<=\n)/),
  }));
  const file = { cells: all, metadata: {}, nbformat: 4, nbformat_minor: 5 };
  return `${JSON.stringify(file, null, 1)}\n`;
}

export class Served {
  readonly folder: string;
  readonly url: string;
  private readonly child: ChildProcess;
  private readonly exited: Promise<void>;

  private constructor(folder: string, url: string, child: ChildProcess) {
    this.folder = folder;
    this.url = url;
    this.child = child;
    this.exited = new Promise((done) => child.on("exit", () => done()));
  }

  /** Serves a folder with these files; opens `open` at once where it is given. */
  static async start(files: Readonly<Record<string, string>>, open?: string): Promise<Served> {
    const folder = await mkdtemp(join(tmpdir(), "celldap-page-"));
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(folder, name), content);
    }
    return Served.on(folder, open);
  }

  static async on(folder: string, open?: string, port = 0): Promise<Served> {
    const what = open === undefined ? folder : join(folder, open);
    const child = spawn(
      join(BUILD, "bin/celldap"),
      ["serve", what, "--port", String(port), "--alone", "10"],
      {
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...process.env, JUPYTER_RUNTIME_DIR: join(folder, ".runtime") },
      },
    );
    const url = await firstUrl(child);
    return new Served(folder, url, child);
  }

  read(name: string): Promise<string> {
    return readFile(join(this.folder, name), "utf8");
  }

  write(name: string, content: string): Promise<void> {
    return writeFile(join(this.folder, name), content);
  }

  async stop(): Promise<void> {
    this.child.kill("SIGTERM");
    await this.exited;
  }

  /** Kernels outlive the server: they are ended first. */
  private async endKernels(): Promise<void> {
    const { origin, hash } = new URL(this.url);
    const token = new URLSearchParams(hash.slice(1)).get("token") ?? "";
    const api = new Api(token, `${origin}/`);
    const { running } = await api.kernels();
    await Promise.allSettled(running.map(({ id }) => api.shutdown(id)));
  }

  async end(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      await this.endKernels();
    }
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

function firstUrl(child: ChildProcess): Promise<string> {
  return new Promise((done, fail) => {
    let said = "";
    const take = (bytes: Buffer): void => {
      said += bytes.toString();
      const url = /open (http\S+)/.exec(said)?.[1];
      if (url !== undefined) {
        done(url);
      }
    };
    child.stdout?.on("data", take);
    child.stderr?.on("data", take);
    child.on("exit", () => fail(new Error(`celldap serve ended: ${said}`)));
  });
}
