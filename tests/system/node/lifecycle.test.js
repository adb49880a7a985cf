// SPDX-License-Identifier: BSD-3-Clause
'use strict';

const test = require('node:test');
const assert = require('node:assert');
const { spawn } = require('node:child_process');
const path = require('node:path');
const readline = require('node:readline');
const { session, GUARD_MS } = require('./support/client');
const { file, uri } = require('./support/notebooks');
const { descendants, identity, gone } = require('./support/processes');

const SCALE = file('scale.ipynb');
const SCRIPT = file('script.py');

test('disconnect while stopped ends the adapter and the kernel', session(async (dc) => {
    await dc.begin({ program: SCALE }, async () => {
        await dc.announce(SCALE);
        await dc.breakpoints(uri(SCALE, 2), 3);
    });
    await dc.stop('breakpoint');
    const all = dc.processes();
    assert.ok(all.length >= 2, 'the adapter and a kernel');
    await dc.disconnectRequest();
    assert.deepEqual(await dc.ended, { code: 0, signal: null }, dc.story());
    assert.deepEqual(await gone(all, GUARD_MS), []);
    dc.check();
}));

test('terminate and then disconnect while stopped leave no process', session(async (dc) => {
    await dc.begin({ program: SCALE }, async () => {
        await dc.announce(SCALE);
        await dc.breakpoints(uri(SCALE, 2), 3);
    });
    await dc.stop('breakpoint');
    await dc.terminateRequest();
    await dc.event('terminated');
    await dc.finish();
}));

test('end of input without disconnect leaves no process', session(async (dc) => {
    await dc.begin({ program: file('loop.ipynb') });
    await dc.output('looping\n');
    const all = dc.processes();
    dc._adapterProcess.stdin.end();
    await dc.ended;
    assert.deepEqual(await gone(all, GUARD_MS), []);
}));

test('an editor killed while stopped leaves no process after five seconds', async () => {
    const editor = spawn(process.execPath, [path.join(__dirname, 'support/editor.js')], {
        stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = readline.createInterface({ input: editor.stdout });
    const [first] = await new Promise((resolve) => {
        lines.once('line', (line) => resolve([line]));
        editor.once('exit', (code) => resolve([`the editor ended with ${code}`]));
    });
    assert.equal(first, 'stopped');
    const all = descendants(editor.pid).map(identity).filter(Boolean);
    assert.ok(all.length >= 2, 'the adapter and a kernel');
    editor.kill('SIGKILL');
    assert.deepEqual(await gone(all, 5_000), []);
});

test('noDebug runs to the end past breakpoints', session(async (dc) => {
    await dc.begin({ program: SCALE, noDebug: true, exitWhenDone: true }, async () => {
        await dc.announce(SCALE);
        await dc.breakpoints(uri(SCALE, 2), 3);
    });
    assert.equal((await dc.event('exited')).exitCode, 0);
    await dc.event('terminated');
    assert.equal(dc.printed(), 'cell one\ntotal 12\nanswer 24\n');
    assert.ok(!dc.events.some((e) => e.event === 'stopped'));
    await dc.finish();
}));

test('a plain file runs as __main__ with its arguments and its exit code', session(async (dc) => {
    await dc.begin({ program: SCRIPT, args: ['1', '2'] });
    assert.equal((await dc.event('exited')).exitCode, 3);
    await dc.event('terminated');
    assert.equal(dc.printed(), 'total 3\n');
    await dc.finish();
}));

test('a plain file stops on entry and at its breakpoint', session(async (dc) => {
    await dc.begin({ program: SCRIPT, args: ['4'], stopOnEntry: true }, () => dc.breakpoints(SCRIPT, 5));
    let at = await dc.stop('entry');
    assert.deepEqual([at.top.source.path, at.top.line], [SCRIPT, 1]);
    await dc.continueRequest({ threadId: at.threadId });
    at = await dc.stop('breakpoint');
    assert.deepEqual([at.top.source.path, at.top.line], [SCRIPT, 5]);
    assert.equal((await dc.local(at.top, 'word')).value, "'4'");
    await dc.continueRequest({ threadId: at.threadId });
    assert.equal((await dc.event('exited')).exitCode, 4);
    await dc.event('terminated');
    await dc.finish();
}));

test('a program that is not there is an error of launch', session(async (dc) => {
    await dc.initializeRequest({ adapterID: 'celldap', clientID: 'test' });
    await assert.rejects(dc.launchRequest({ program: file('missing.ipynb') }), (error) => {
        assert.match(error.response.body.error.format, /missing\.ipynb/);
        return true;
    });
    await dc.finish();
}));

test('a request in the wrong state is refused at once, with an error body', session(async (dc) => {
    await dc.begin({ program: file('loop.ipynb') });
    await dc.output('looping\n');
    const failed = await dc.send('stackTrace', { threadId: 1 }).then(() => null, (e) => e.response);
    assert.equal(failed?.success, false);
    assert.equal(failed.message, 'notStopped');
    assert.equal(typeof failed.body.error.id, 'number');
    const wrongType = await dc.send('setBreakpoints', { source: { path: SCALE }, breakpoints: [{ line: 1.5 }] })
        .then(() => null, (e) => e.response);
    assert.match(JSON.stringify(wrongType?.body.error), /line/);
    dc.wrong = dc.wrong.filter((fault) => !fault.startsWith('sent: SetBreakpoints'));
    await dc.finish();
}));
