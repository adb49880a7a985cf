// SPDX-License-Identifier: BSD-3-Clause
// A notebook editor and the debugger around it, as a user sees them.

import type { FrameLocator, Locator, Page } from "playwright-core";

/** The cells of the notebook in the active editor. */
export class NotebookView {
  constructor(private readonly page: Page) {}

  cell(n: number): Locator {
    return this.page
      .locator(
        ".notebook-editor .cell-list-container .monaco-list-row.code-cell-row",
      )
      .nth(n);
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
    await this.cell(n).locator(".execution-count-label").click();
  }

  /** Until a cell has this number. */
  async ran(n: number, count: number): Promise<void> {
    await this.cell(n)
      .locator(".execution-count-label", { hasText: `[${String(count)}]` })
      .waitFor();
  }

  /** Until an output of the notebook has this text; outputs are in one frame for all cells. */
  async output(text: string): Promise<void> {
    await this.outputs().locator(`text=${text}`).first().waitFor();
  }

  outputs(): FrameLocator {
    return this.page
      .locator("iframe.webview.ready")
      .first()
      .contentFrame()
      .frameLocator("iframe#active-frame");
  }
}

/** Toolbar, call stack, variables and console. */
export class DebugView {
  constructor(private readonly page: Page) {}

  toolbar(name: string): Locator {
    return this.page.locator(
      `.debug-toolbar .action-label.codicon-debug-${name}`,
    );
  }

  async click(
    name: "continue" | "step-over" | "step-into" | "step-out" | "stop",
  ) {
    await this.toolbar(name).click();
  }

  /** Until the selected frame of the call stack says this. */
  async stoppedAt(frame: string, place: string): Promise<void> {
    await this.page
      .locator(".debug-call-stack .stack-frame", { hasText: frame })
      .filter({ hasText: place })
      .first()
      .waitFor();
  }

  /** Until the variables view has this name with this value. */
  async variable(name: string, value: string): Promise<void> {
    await this.showLocals();
    await this.page
      .locator(".debug-variables .expression", {
        has: this.page.locator(".name", { hasText: name }),
      })
      .filter({ hasText: value })
      .first()
      .waitFor();
  }

  /** The first stop of a window may leave the scopes closed. */
  private async showLocals(): Promise<void> {
    const row = this.page.locator(".debug-variables .monaco-list-row", {
      has: this.page.locator(".scope"),
      hasText: "Locals",
    });
    await row.waitFor();
    if ((await row.getAttribute("aria-expanded")) === "false") {
      await row.click();
    }
  }

  /** Until nothing is stopped any more. */
  async running(): Promise<void> {
    await this.page
      .locator(".debug-toolbar .action-label.codicon-debug-pause")
      .waitFor();
  }

  async ended(): Promise<void> {
    await this.page.locator(".debug-toolbar").waitFor({ state: "hidden" });
  }
}
