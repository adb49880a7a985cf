// SPDX-License-Identifier: BSD-3-Clause
// One VS Code for the steps of a test file, with a picture of every step and of a failure.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

import type { BrowserContext } from "playwright-core";

import { DebugView } from "./debugView.js";
import { NotebookView } from "./notebook.js";
import type { Server } from "./server.js";
import { startServer } from "./server.js";
import { openBrowser, Workbench } from "./workbench.js";

/** Everything of one VS Code. */
export class Session {
  readonly notebook: NotebookView;
  readonly debug: DebugView;

  private constructor(
    readonly server: Server,
    private readonly browser: BrowserContext,
    private readonly profile: string,
    readonly workbench: Workbench,
  ) {
    this.notebook = new NotebookView(workbench.page);
    this.debug = new DebugView(workbench.page);
  }

  /** Starts it; write(folder) puts the files there first. */
  static async start(
    write: (folder: string) => void,
    settings: Record<string, unknown> = {},
  ): Promise<Session> {
    const server = await startServer(settings);
    write(server.folder);
    const profile = mkdtempSync(join(tmpdir(), "celldap-chromium-"));
    const browser = await openBrowser(profile);
    const page = browser.pages()[0] ?? (await browser.newPage());
    const workbench = new Workbench(page);
    await workbench.open(server.url, server.folder);
    return new Session(server, browser, profile, workbench);
  }

  /** A step with its pictures; the steps build on each other, as a user's do. */
  async step(t: TestContext, name: string, body: () => Promise<void>) {
    await t.test(name, async () => {
      try {
        await body();
      } catch (error) {
        await this.workbench.picture(`failed ${name}`);
        throw error;
      }
      await this.workbench.picture(name);
    });
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
