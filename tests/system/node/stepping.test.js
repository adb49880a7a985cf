// SPDX-License-Identifier: BSD-3-Clause
'use strict';

const test = require('node:test');
const assert = require('node:assert');
const { session } = require('./support/client');
const { file, uri } = require('./support/notebooks');

const SCALE = file('scale.ipynb');
const LAUNCH = { program: SCALE, exitWhenDone: true };

async function stopAt(dc, cell, line) {
    await dc.begin(LAUNCH, async () => {
        await dc.announce(SCALE);
        await dc.breakpoints(uri(SCALE, cell), line);
    });
    return dc.stop('breakpoint');
}

const place = (at) => [at.top.source.path, at.top.line];

test('step in enters a function of another cell, step out comes back', session(async (dc) => {
    let at = await stopAt(dc, 4, 1);
    await dc.stepInRequest({ threadId: at.threadId });
    at = await dc.stop('step');
    assert.deepEqual([at.top.name, ...place(at)], ['scale', uri(SCALE, 1), 2]);
    await dc.nextRequest({ threadId: at.threadId });
    at = await dc.stop('step');
    assert.deepEqual(place(at), [uri(SCALE, 1), 3]);
    assert.equal((await dc.local(at.top, 'scaled')).value, '24');
    await dc.stepOutRequest({ threadId: at.threadId });
    at = await dc.stop('step');
    assert.equal(at.top.source.path, uri(SCALE, 4));
    assert.ok(at.top.line === 1 || at.top.line === 2, `line ${at.top.line}`);
    await dc.finish();
}));

test('step over stays in the cell that calls', session(async (dc) => {
    let at = await stopAt(dc, 4, 1);
    await dc.nextRequest({ threadId: at.threadId });
    at = await dc.stop('step');
    assert.deepEqual(place(at), [uri(SCALE, 4), 2]);
    assert.equal((await dc.local(at.top, 'answer')).value, '24');
    await dc.finish();
}));

test('a breakpoint met by a step over stops inside the call', session(async (dc) => {
    let at = await stopAt(dc, 4, 1);
    await dc.breakpoints(uri(SCALE, 1), 3);
    await dc.nextRequest({ threadId: at.threadId });
    at = await dc.stop();
    assert.deepEqual(place(at), [uri(SCALE, 1), 3]);
    await dc.finish();
}));

test('stopOnEntry stops at the first line of the first code cell', session(async (dc) => {
    await dc.begin({ ...LAUNCH, stopOnEntry: true }, () => dc.announce(SCALE));
    const at = await dc.stop('entry');
    assert.deepEqual(place(at), [uri(SCALE, 1), 1]);
    assert.equal(dc.printed(), '');
    await dc.continueRequest({ threadId: at.threadId });
    await dc.event('terminated');
    await dc.finish();
}));

test('pause stops an endless loop, and the loop can be left', session(async (dc) => {
    await dc.begin({ program: file('loop.ipynb'), exitWhenDone: true });
    await dc.output('looping\n');
    const { threads } = (await dc.threadsRequest()).body;
    await dc.pauseRequest({ threadId: threads[0].id });
    const at = await dc.stop('pause');
    assert.ok(Number(await dc.evaluate('count', at.top.id, 'watch')) >= 0);
    await dc.evaluate('go = False', at.top.id);
    await dc.continueRequest({ threadId: at.threadId });
    await dc.output('left the loop\n');
    await dc.event('terminated');
    await dc.finish();
}));
