// SPDX-License-Identifier: BSD-3-Clause
// A user of JupyterLab with celldap's kernel, in a real browser. The steps build on each other, as a
// user's do. With ipykernel 7.4 "steps past the end of a cell", "terminate" and what follows fail.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Notebook, openBrowser } from './notebook.mjs';
import { startServer } from './server.mjs';

const PICTURES = process.env.CELLDAP_PICTURES; // a folder; none: no pictures
const FUNCTION = 'def twice(x):\n    y = 2 * x\n    return y';
const CELL = 'a = 20\nb = twice(a)\nc = [a, b]\nprint("sum", sum(c))';

let server, browser, profile, nb, count = 0;

async function step(t, name, body) {
    await t.test(name, async () => {
        try {
            await body();
        } catch (e) {
            if (PICTURES) {
                await nb.picture(join(PICTURES, `failed ${name}.png`));
            }
            throw e;
        }
        if (PICTURES) {
            await nb.picture(join(PICTURES, `${name}.png`));
        }
        assert.deepEqual(nb.errors, [], 'errors in the page');
    });
}

/** Ends the stop at the breakpoint of cell 1, and the cell. */
async function goOn() {
    await nb.click('continue');
    await nb.ran(1, count);
    await nb.output(1, 'sum 60');
    await nb.running();
}

async function stopInCell() {
    count++;
    await nb.start(1);
    await nb.stoppedAt(1, 'b = twice(a)', '<module>');
}

before(async () => {
    if (PICTURES) {
        mkdirSync(PICTURES, { recursive: true });
    }
    server = await startServer();
    profile = mkdtempSync(join(tmpdir(), 'celldap-chromium-'));
    browser = await openBrowser(profile);
    nb = new Notebook(browser.pages()[0] ?? (await browser.newPage()));
});

after(async () => {
    await browser?.close();
    await server?.stop();
    if (profile) {
        rmSync(profile, { recursive: true, force: true });
    }
});

test('a session in JupyterLab', async (t) => {
    await step(t, 'new notebook, cells run', async () => {
        await nb.create(server.url);
        await nb.write(0, FUNCTION);
        await nb.run(0, ++count);
        await nb.addCell();
        await nb.write(1, CELL);
        await nb.run(1, ++count);
        await nb.output(1, 'sum 60');
    });
    await step(t, 'debugger on, breakpoint by a click in the gutter', async () => {
        await nb.debuggerOn();
        await nb.breakpoint(1, 2);
    });
    await step(t, 'stops, and shows variables', async () => {
        await stopInCell();
        await nb.variable('a', '20');
    });
    await step(t, 'steps over, in and out', async () => {
        await nb.click('stepIn');
        await nb.stoppedAt(0, 'y = 2 * x', 'twice');
        await nb.variable('x', '20');
        await nb.click('next');
        await nb.stoppedAt(0, 'return y', 'twice');
        await nb.variable('y', '40');
        await nb.click('stepOut');
        await nb.stoppedAt(1, 'b = twice(a)', '<module>');
        await nb.click('next');
        await nb.stoppedAt(1, 'c = [a, b]', '<module>');
        await nb.variable('b', '40');
        await nb.click('next');
        await nb.stoppedAt(1, 'print("sum", sum(c))', '<module>');
    });
    await step(t, 'steps past the end of a cell', async () => {
        await nb.click('next');
        await nb.ran(1, count);
        await nb.output(1, 'sum 60');
        await nb.running();
        await nb.idle();
    });
    await step(t, 'runs another cell, then stops and continues', async () => {
        await nb.run(0, ++count);
        await stopInCell();
        await goOn();
    });
    await step(t, 'terminate, and go on', async () => {
        await stopInCell();
        await nb.variable('a', '20'); // JupyterLab trips over variables that it asked for just before
        await nb.terminate();
        await nb.ran(1, count);
        await nb.output(1, 'sum 60');
        await nb.running();
        await stopInCell();
        await nb.variable('a', '20');
        await goOn();
    });
    await step(t, 'restart with breakpoints restored', async () => {
        await nb.restartKernel();
        count = 0;
        await nb.dots(1).first().waitFor();
        assert.equal(await nb.dots(1).count(), 1);
        await nb.run(0, ++count);
        await stopInCell();
        await nb.variable('a', '20');
        await goOn();
    });
    await step(t, 'page reload while stopped', async () => {
        await nb.save();
        await stopInCell();
        await nb.reload();
        // JupyterLab marks the line only if it drew the cell before it heard of the stop
        await nb.frame('<module>');
        await nb.variable('a', '20');
        await nb.click('next');
        await nb.stoppedAt(1, 'c = [a, b]', '<module>');
        await nb.click('continue');
        await nb.running();
        await nb.idle();
        await nb.run(0, ++count);
        await stopInCell();
        await goOn();
    });
});
