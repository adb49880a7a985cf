// SPDX-License-Identifier: BSD-3-Clause
// The page as a user sees it: what is clicked, and what is waited for. Nothing waits for time.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type BrowserContext, chromium, type Locator, type Page } from "playwright-core";
import { BUILD, notebookOf, Served, type TestCell } from "./serve.ts";

const WAIT_MS = 60_000; // only against hangs
const CHROMIUM =
  process.env["CHROMIUM"] ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);
const FLAGS = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];
const PICTURES = process.env["CELLDAP_PICTURES"] ?? join(BUILD, "results/web");

export async function openBrowser(dark = false): Promise<{
  context: BrowserContext;
  close: () => Promise<void>;
}> {
  const profile = await mkdtemp(join(tmpdir(), "celldap-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    args: FLAGS,
    viewport: { width: 1440, height: 900 },
    colorScheme: dark ? "dark" : "light",
    reducedMotion: "reduce",
    ...(CHROMIUM === undefined ? {} : { executablePath: CHROMIUM }),
  });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const close = async (): Promise<void> => {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  };
  return { context, close };
}

/** What went wrong in a page: errors, warnings, refused by the policy. */
function watch(page: Page, faults: string[]): void {
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") {
      faults.push(`${message.type()}: ${message.text()}`);
    }
  });
}

export class NotebookPage {
  readonly page: Page;
  readonly served: Served;
  readonly faults: string[];

  constructor(page: Page, served: Served, faults: string[]) {
    this.page = page;
    this.served = served;
    this.faults = faults;
  }

  cell(index: number): Locator {
    return this.page.locator(`[data-cell="c${index}"]`);
  }

  output(index: number): Locator {
    return this.cell(index).locator(".outputs");
  }

  async idle(): Promise<void> {
    await this.page.locator(".kernel-idle").waitFor();
  }

  /** The cursor into a cell. */
  async edit(index: number): Promise<void> {
    await this.cell(index).locator(".has-editor .view-lines").click();
    await this.page.locator(`[data-cell="c${index}"].editing`).waitFor();
  }

  async run(index: number): Promise<void> {
    await this.edit(index);
    await this.page.keyboard.press("Control+Enter");
  }

  async ran(index: number, state = "ok"): Promise<void> {
    await this.page.locator(`[data-cell="c${index}"][data-state="${state}"]`).waitFor();
  }

  /** A click into the margin left of a line (from 1). */
  async margin(index: number, line: number, button: "left" | "right" = "left"): Promise<void> {
    const editor = this.cell(index).locator(".has-editor .margin");
    await editor.click({ position: { x: 10, y: 6 + (line - 0.5) * 20 }, button });
  }

  dots(index: number): Locator {
    return this.cell(index).locator(".dot");
  }

  async stoppedAt(index: number, line: number): Promise<void> {
    await this.page.locator(".kernel-stopped").waitFor();
    await this.cell(index).locator(".line-current").waitFor();
    const number = this.page.locator(".frame.selected .frame-place");
    await number.filter({ hasText: new RegExp(`^cell ${index + 1}:${line}$`) }).waitFor();
  }

  async running(): Promise<void> {
    await this.page.locator(".line-current").first().waitFor({ state: "detached" });
  }

  /** A row of a tree by its name. */
  value(name: string): Locator {
    const isName = this.page.locator(".value-name", { hasText: new RegExp(`^${name}$`) });
    return this.page.locator(".tree-row").filter({ has: isName });
  }

  section(title: string): Locator {
    return this.page.locator(`.section[aria-label="${title}"]`);
  }

  key(key: string): Promise<void> {
    return this.page.keyboard.press(key);
  }

  command(id: string): Promise<void> {
    return this.page.locator(`[data-command="${id}"]`).first().click();
  }

  async console(text: string): Promise<Locator> {
    if ((await this.page.locator(".console").count()) === 0) {
      await this.command("console");
    }
    const entries = this.page.locator(".console-result, .console-error");
    const before = await entries.count();
    await this.page.locator(".console-input textarea").fill(text);
    await this.key("Enter");
    await entries.nth(before).waitFor();
    return entries.nth(before);
  }
}

/** One browser for the tests of a file. */
export class Bench {
  private browser: Awaited<ReturnType<typeof openBrowser>> | undefined;

  async context(): Promise<BrowserContext> {
    this.browser ??= await openBrowser();
    return this.browser.context;
  }

  async close(): Promise<void> {
    await this.browser?.close();
  }

  /** Runs `body` on a page with these cells and a kernel; afterwards the page had no faults. */
  async notebook(
    t: TestContext,
    cells: readonly TestCell[],
    body: (page: NotebookPage) => Promise<void>,
  ): Promise<void> {
    await this.files(t, { "nb.ipynb": notebookOf(cells) }, "nb.ipynb", async (page) => {
      await page.page.locator(".cell").first().waitFor();
      await page.idle();
      await body(page);
    });
  }

  async files(
    t: TestContext,
    files: Readonly<Record<string, string>>,
    open: string | undefined,
    body: (page: NotebookPage) => Promise<void>,
  ): Promise<void> {
    const served = await Served.start(files, open);
    const faults: string[] = [];
    const page = await (await this.context()).newPage();
    page.setDefaultTimeout(WAIT_MS);
    watch(page, faults);
    try {
      await page.goto(served.url);
      await body(new NotebookPage(page, served, faults));
      assert.deepEqual(faults, []);
    } catch (error) {
      await mkdir(PICTURES, { recursive: true });
      const name = t.name.replace(/[^a-z0-9]+/gi, "-").slice(0, 60);
      await page.screenshot({ path: join(PICTURES, `failed-${name}.png`) });
      throw faults.length > 0 ? new Error(faults.join("\n"), { cause: error }) : error;
    } finally {
      await page.close({ runBeforeUnload: false });
      await served.end();
    }
  }
}
