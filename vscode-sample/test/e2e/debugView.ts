// SPDX-License-Identifier: BSD-3-Clause
// The debugger around the editors, as a user sees it.

import type { Locator, Page } from "playwright-core";

/** Toolbar, call stack, variables and console. */
export class DebugView {
  constructor(private readonly page: Page) {}

  toolbar(name: string): Locator {
    return this.page.locator(
      `.debug-toolbar .action-label.codicon-debug-${name}`,
    );
  }

  async click(
    name:
      | "continue"
      | "step-over"
      | "step-into"
      | "step-out"
      | "stop"
      | "disconnect",
  ) {
    await this.toolbar(name).click();
  }

  /** Until the call stack has this frame at this line. */
  async stoppedAt(frame: string, line: number): Promise<void> {
    await this.page
      .locator(".debug-call-stack .stack-frame", { hasText: frame })
      .filter({
        has: this.page.locator(".line-number", {
          hasText: new RegExp(`^${String(line)}:`),
        }),
      })
      .first()
      .waitFor();
  }

  /** Types a line into the debug console and waits for an answer with this text. */
  async console(line: string, answer: string): Promise<void> {
    await this.page.locator(".repl-input-wrapper .view-lines").first().click();
    await this.page.keyboard.insertText(line);
    await this.page.keyboard.press("Enter");
    await this.page
      .locator(".repl-tree .monaco-list-row", { hasText: answer })
      .last()
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
  async showLocals(): Promise<void> {
    const row = this.page.locator(".debug-variables .monaco-list-row", {
      has: this.page.locator(".scope"),
      hasText: "Locals",
    });
    await row.waitFor();
    if ((await row.getAttribute("aria-expanded")) === "false") {
      await row.click();
    }
  }

  /** Until there is no session. */
  async ended(): Promise<void> {
    await this.page.locator(".debug-toolbar").waitFor({ state: "hidden" });
  }
}
