// SPDX-License-Identifier: BSD-3-Clause
// VS Code as a user sees it: what is clicked and typed, and what is waited for. Nothing waits for time.

import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";

import { chromium } from "playwright-core";
import type { BrowserContext, Locator, Page } from "playwright-core";

import { PICTURES } from "../places.js";

export const WAIT_MS = Number(process.env["CELLDAP_WAIT_MS"] ?? 60_000); // only against hangs
const CHROMIUM =
  process.env["CHROMIUM"] ??
  ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync) ??
  "chromium";
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Until the page has drawn again. */
export async function nextFrame(page: Page): Promise<void> {
  await page.evaluate(
    () =>
      new Promise((resolve) => {
        requestAnimationFrame(resolve);
      }),
  );
}

/** A browser with a profile of its own. */
export function openBrowser(profile: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    args: FLAGS,
    viewport: { width: 1280, height: 960 },
  });
}

/** The workbench in a page. */
export class Workbench {
  constructor(readonly page: Page) {
    page.setDefaultTimeout(WAIT_MS);
  }

  async open(url: string, folder: string): Promise<void> {
    await this.page.goto(`${url}?folder=${folder}`);
    await this.page.locator(".monaco-workbench .part.statusbar").waitFor();
    await this.page
      .locator(".explorer-folders-view .monaco-list-row")
      .first()
      .waitFor();
    await this.extensionsKnown();
  }

  /** Until extensions are known: a notebook that is opened before shows as text. */
  private async extensionsKnown(): Promise<void> {
    const input = this.page.locator(".quick-input-widget input");
    const row = this.page.locator(".quick-input-list .monaco-list-row", {
      hasText: "celldap: Attach to Running Kernel",
    });
    const end = Date.now() + WAIT_MS;
    await this.page.keyboard.press("F1");
    while ((await row.count()) === 0 && Date.now() < end) {
      await input.fill(">");
      await input.fill(">celldap: Attach");
      await nextFrame(this.page);
    }
    await this.page.keyboard.press("Escape");
  }

  /** Runs a command by its name in the palette. */
  async command(title: string): Promise<void> {
    await this.page.keyboard.press("F1");
    const input = this.page.locator(".quick-input-widget input");
    await input.fill(`>${title}`);
    const row = this.page
      .locator(".quick-input-list .monaco-list-row", { hasText: title })
      .first();
    await row.click();
  }

  async openFile(name: string): Promise<void> {
    await this.page
      .locator(".explorer-folders-view .monaco-list-row", { hasText: name })
      .first()
      .dblclick();
    await this.tab(name).waitFor();
  }

  /** Opens a file of the folder by its name, whatever view is shown. */
  async openEditor(name: string): Promise<void> {
    await this.page.keyboard.press("Control+p");
    await this.page.locator(".quick-input-widget input").fill(name);
    await this.pick(name);
    await this.page
      .locator(".tabs-container .tab.active", { hasText: name })
      .waitFor();
  }

  /** Closes an editor; what was not saved is given up. */
  async closeEditor(name: string): Promise<void> {
    const tab = this.tab(name);
    await tab.click();
    await tab.hover();
    await tab.locator(".tab-actions .codicon").first().click();
    const discard = this.page.locator(".monaco-dialog-box .monaco-button", {
      hasText: "Don't Save",
    });
    const gone = tab.waitFor({ state: "detached" });
    await Promise.race([gone, discard.click().catch(() => undefined)]);
    await gone;
  }

  /** A click beside a line of the file in front, until the dot is there. */
  async fileBreakpoint(line: number): Promise<void> {
    const number = this.page.locator(".editor-instance .line-numbers", {
      hasText: new RegExp(`^${String(line)}$`),
    });
    const box = await number.boundingBox();
    const [x, y] = [(box?.x ?? 0) - 10, (box?.y ?? 0) + 9];
    const hint = this.page.locator(".editor-instance .codicon-debug-hint");
    const end = Date.now() + WAIT_MS;
    // the gutter takes clicks once it hints at them
    for (let i = 0; (await hint.count()) === 0 && Date.now() < end; i++) {
      await this.page.mouse.move(x + (i % 2), y);
      await nextFrame(this.page);
    }
    await this.page.mouse.click(x, y);
    await this.page
      .locator(".editor-instance .codicon-debug-breakpoint")
      .first()
      .waitFor();
  }

  tab(name: string): Locator {
    return this.page.locator(".tabs-container .tab", { hasText: name });
  }

  /** A row of the quick pick that is open. */
  pick(text: string): Promise<void> {
    return this.page
      .locator(".quick-input-list .monaco-list-row", { hasText: text })
      .first()
      .click();
  }

  notification(text: string): Locator {
    return this.page.locator(".notifications-toasts .notification-toast", {
      hasText: text,
    });
  }

  async picture(name: string): Promise<void> {
    if (PICTURES !== undefined) {
      mkdirSync(PICTURES, { recursive: true });
      await this.page.screenshot({ path: join(PICTURES, `${name}.png`) });
    }
  }
}
