// SPDX-License-Identifier: BSD-3-Clause
// A notebook editor as a user sees it.

import type { Locator, Page } from "playwright-core";

import { nextFrame, WAIT_MS } from "./workbench.js";

const MENU_MS = 2000; // then the click was not taken

/** The cells of the notebook in the active editor. */
export class NotebookView {
  constructor(private readonly page: Page) {}

  cell(n: number): Locator {
    return this.page.locator(
      `.notebookOverlay:not([inert]) .cell-list-container .monaco-list-row.code-cell-row[data-index="${String(n)}"]`,
    );
  }

  /** Puts the cursor at the end of a line (from 1) of a cell. */
  async cursor(n: number, line: number): Promise<void> {
    const text = this.line(n, line);
    const box = await text.boundingBox();
    await text.click({ position: { x: (box?.width ?? 20) - 10, y: 9 } });
  }

  /** A click beside a line (from 1) of a cell, until the dot is there. */
  async breakpoint(n: number, line: number): Promise<void> {
    await this.gutter(n, line).click({ position: { x: 9, y: 9 } });
    await this.dot(n).first().waitFor();
  }

  /** Takes a breakpoint away. */
  async clear(n: number): Promise<void> {
    await this.dot(n).first().click();
    await this.dot(n).first().waitFor({ state: "detached" });
  }

  /** Until the adapter has accepted the breakpoint of a cell. */
  async verified(n: number): Promise<void> {
    await this.cell(n)
      .locator(".glyph-margin-widgets .codicon-debug-breakpoint")
      .and(this.page.locator(":not(.codicon-debug-breakpoint-unverified)"))
      .first()
      .waitFor();
  }

  /** A breakpoint with a condition, by the menu beside a line. */
  async condition(n: number, line: number, expression: string): Promise<void> {
    await this.gutter(n, line).click({
      button: "right",
      position: { x: 9, y: 9 },
    });
    await this.choose("Conditional");
    await this.cell(n).locator(".breakpoint-widget .view-lines").click();
    await this.page.keyboard.insertText(expression);
    await this.page.keyboard.press("Enter");
    await this.cell(n)
      .locator(".codicon-debug-breakpoint-conditional")
      .waitFor();
  }

  /** An item of the open menu. One that has just opened takes no click: again, until it is gone. */
  private async choose(text: string): Promise<void> {
    const item = this.page
      .locator(".monaco-menu .action-label", { hasText: text })
      .first();
    await item.waitFor();
    for (let gone = false; !gone;) {
      await item.click();
      gone = await item
        .waitFor({ state: "hidden", timeout: MENU_MS })
        .then(() => true)
        .catch(() => false);
    }
  }

  /** Until this cell has the line that is executed next. */
  async stoppedIn(n: number): Promise<void> {
    await this.cell(n)
      .locator(".debug-top-stack-frame-line")
      .first()
      .waitFor({ state: "attached" });
  }

  /** A button of a cell's own toolbar, by its icon. */
  async tool(n: number, icon: string): Promise<void> {
    await this.select(n);
    await this.cell(n).hover();
    await this.cell(n).locator(`.cell-title-toolbar .codicon-${icon}`).click();
  }

  gutter(n: number, line: number): Locator {
    return this.cell(n)
      .locator(".margin-view-overlays > div")
      .nth(line - 1);
  }

  dot(n: number): Locator {
    return this.cell(n).locator(
      ".glyph-margin-widgets .codicon-debug-breakpoint, .glyph-margin-widgets .codicon-debug-breakpoint-conditional, .glyph-margin-widgets .codicon-debug-breakpoint-unverified",
    );
  }

  line(n: number, line: number): Locator {
    return this.cell(n)
      .locator(".view-lines .view-line")
      .nth(line - 1);
  }

  /** The whole text of a cell. */
  async write(n: number, text: string): Promise<void> {
    await this.cell(n).locator(".view-lines").first().click();
    await this.page.keyboard.press("Control+a");
    await this.page.keyboard.insertText(text);
    await this.page.keyboard.press("Escape");
  }

  /** Runs a cell by its button. */
  async run(n: number): Promise<void> {
    await this.cell(n).hover();
    await this.cell(n)
      .locator(".run-button-container .action-label")
      .first()
      .click();
  }

  async select(n: number): Promise<void> {
    await this.cell(n).locator(".cell-statusbar-container").click();
  }

  /** Until a cell has this number. */
  async ran(n: number, count: number): Promise<void> {
    await this.cell(n)
      .locator(".execution-count-label", { hasText: `[${String(count)}]` })
      .waitFor();
  }

  /** Until an output has this text. Each notebook shows its outputs in a frame of its own. */
  async output(text: string): Promise<void> {
    const end = Date.now() + WAIT_MS;
    while (Date.now() < end) {
      const shown = this.page.frames().map((frame) =>
        frame
          .getByText(text)
          .first()
          .isVisible()
          .catch(() => false),
      );
      if ((await Promise.all(shown)).includes(true)) {
        return;
      }
      await nextFrame(this.page);
    }
    throw new Error(`no output has the text '${text}'`);
  }
}
