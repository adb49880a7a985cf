// SPDX-License-Identifier: BSD-3-Clause
// JupyterLab as a user sees it: what is clicked, and what is waited for. Nothing waits for time.

import { chromium } from 'playwright-core';
import { existsSync } from 'node:fs';

const WAIT_MS = 60000; // only against hangs
const CHROMIUM = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);
const FLAGS = [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

export async function openBrowser(profile) {
    return chromium.launchPersistentContext(profile, {
        executablePath: CHROMIUM,
        args: FLAGS,
        viewport: { width: 1500, height: 950 },
    });
}

export class Notebook {
    constructor(page) {
        this.page = page;
        this.errors = [];
        page.setDefaultTimeout(WAIT_MS);
        page.on('pageerror', (e) => this.errors.push(String(e)));
        this.set = 0; // setBreakpoints that the kernel has answered
        this.waiting = [];
        page.on('websocket', (socket) => socket.on('framereceived', (frame) => this.hear(frame)));
    }

    hear({ payload }) {
        if (/"command":\s*"setBreakpoints"/.test(payload.toString())) {
            this.set++;
            this.waiting = this.waiting.filter((look) => !look());
        }
    }

    /** Until the kernel has answered so many setBreakpoints in all. */
    breakpointsSet(count) {
        return new Promise((resolve, reject) => {
            const guard = setTimeout(() => reject(new Error('no setBreakpoints')), WAIT_MS);
            const look = () => {
                if (this.set < count) {
                    return false;
                }
                clearTimeout(guard);
                resolve();
                return true;
            };
            if (!look()) {
                this.waiting.push(look);
            }
        });
    }

    cell(n) {
        return this.page.locator('.jp-Notebook .jp-CodeCell').nth(n);
    }

    /** A new notebook from the launcher. */
    async create(url) {
        await this.page.goto(url);
        await this.page
            .locator('.jp-LauncherCard[data-category="Notebook"]', { hasText: 'celldap' })
            .first()
            .click();
        await this.cell(0).waitFor();
        await this.idle();
    }

    async idle() {
        await this.page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').waitFor();
        await this.page.locator('.jp-StatusBar-Item', { hasText: 'Idle' }).first().waitFor();
    }

    /** The whole text of a cell. */
    async write(n, text) {
        await this.cell(n).locator('.cm-content').click();
        await this.page.keyboard.press('Control+a');
        await this.page.keyboard.insertText(text);
    }

    async start(n) {
        await this.cell(n).locator('.cm-content').click();
        await this.page.keyboard.press('Control+Enter');
    }

    async addCell() {
        const before = await this.page.locator('.jp-Notebook .jp-CodeCell').count();
        await this.page
            .locator('.jp-NotebookPanel-toolbar [data-command="notebook:insert-cell-below"]')
            .click();
        await this.cell(before).waitFor();
    }

    async save() {
        await this.page.keyboard.press('Control+s');
        const rename = this.page.locator('.jp-Dialog .jp-mod-accept', { hasText: 'Rename' });
        await rename.click(); // asked once
        await this.page.locator('.jp-Document.jp-mod-dirty, .jp-mod-dirty').first()
            .waitFor({ state: 'detached' });
    }

    async ran(n, count) {
        await this.cell(n).locator('.jp-InputArea-prompt', { hasText: `[${count}]:` }).waitFor();
    }

    async run(n, count) {
        await this.start(n);
        await this.ran(n, count);
    }

    output(n, text) {
        return this.cell(n).locator('.jp-OutputArea-output', { hasText: text }).first().waitFor();
    }

    // the debugger

    bug() {
        return this.page.locator('.jp-DebuggerBugButton').first();
    }

    async debuggerOn() {
        await this.bug().click();
        await this.page.locator('.jp-DebuggerBugButton[aria-pressed="true"]').first().waitFor();
        await this.page.locator('.jp-DebuggerSidebar').waitFor();
    }

    /** The lines of a cell that have a dot. */
    dots(n) {
        return this.cell(n).locator('div.cm-breakpoint-gutter .cm-breakpoint-icon:visible');
    }

    /** A click in the gutter at a line (from 1), until the sidebar lists the breakpoint. */
    async breakpoint(n, line) {
        const listed = this.page.locator('.jp-DebuggerBreakpoint');
        const before = await listed.count();
        await this.cell(n)
            .locator('div.cm-breakpoint-gutter > .cm-gutterElement:visible')
            .nth(line - 1)
            .click();
        await listed.nth(before).waitFor();
        await this.dots(n).first().waitFor();
    }

    /** continue, terminate, next, stepIn or stepOut in the debugger's sidebar. */
    async click(name) {
        const button = this.page.locator(`.jp-DebuggerSidebar [data-command="debugger:${name}"]`);
        await this.page
            .locator(`.jp-DebuggerSidebar [data-command="debugger:${name}"][aria-disabled="false"]`)
            .waitFor();
        await button.click();
    }

    /** JupyterLab starts its debugger anew by it: until the breakpoints are back. */
    async terminate() {
        const before = this.set;
        await this.click('terminate');
        await this.breakpointsSet(before + 1);
    }

    /** Until it stands at this line, by the highlight in the cell and the call stack. */
    async stoppedAt(n, text, frame) {
        await this.cell(n).locator('.jp-DebuggerEditor-highlight', { hasText: text }).waitFor();
        await this.frame(frame);
    }

    /** Until the selected frame of the call stack is this one. */
    async frame(name) {
        await this.page.locator('.jp-DebuggerCallstackFrame.selected', { hasText: name }).waitFor();
    }

    async running() {
        await this.page.locator('.jp-DebuggerEditor-highlight').first().waitFor({ state: 'detached' });
    }

    /** Until the variables pane shows a name with this value. */
    async variable(name, value) {
        await this.page
            .locator('.jp-debuggerVariables-local jp-tree-item')
            .filter({ has: this.page.locator('.jp-DebuggerVariables-name', { hasText: new RegExp(`^${name}$`) }) })
            .filter({ has: this.page.locator('.jp-DebuggerVariables-detail', { hasText: value }) })
            .first()
            .waitFor();
    }

    /** Until the new kernel has the breakpoints: JupyterLab lists them by the folder of its cells. */
    async restartKernel() {
        const listed = this.page.locator('.jp-DebuggerBreakpoint');
        const old = await listed.locator('.jp-DebuggerBreakpoint-source').first().innerText();
        await this.page
            .locator('.jp-NotebookPanel-toolbar [data-command="notebook:restart-kernel"]')
            .click();
        await this.page.locator('.jp-Dialog .jp-mod-accept').click();
        await listed.filter({ hasNotText: old }).first().waitFor();
        await this.idle();
    }

    /** The page anew, with the notebook that is open. */
    async reload() {
        const url = new URL(this.page.url());
        url.search = '';
        await this.page.goto(url.href);
        await this.cell(0).waitFor();
        await this.page.locator('.jp-DebuggerBugButton').first().waitFor();
    }

    picture(file) {
        return this.page.screenshot({ path: file });
    }
}
