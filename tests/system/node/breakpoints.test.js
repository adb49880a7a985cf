// SPDX-License-Identifier: BSD-3-Clause
'use strict';

const test = require('node:test');
const assert = require('node:assert');
const { session } = require('./support/client');
const { file, cells, jsonLine, uri } = require('./support/notebooks');

const SCALE = file('scale.ipynb');
const LAUNCH = { program: SCALE, exitWhenDone: true };

test('a breakpoint in each of two cells stops in each, under the announced URI', session(async (dc) => {
    await dc.begin(LAUNCH, async () => {
        await dc.announce(SCALE);
        await dc.breakpoints(uri(SCALE, 1), 5);
        await dc.breakpoints(uri(SCALE, 4), 2);
    });
    let at = await dc.stop('breakpoint');
    assert.deepEqual([at.top.source.path, at.top.line], [uri(SCALE, 1), 5]);
    await dc.continueRequest({ threadId: at.threadId });
    at = await dc.stop('breakpoint');
    assert.deepEqual([at.top.source.path, at.top.line], [uri(SCALE, 4), 2]);
    assert.equal(dc.printed(), 'cell one\ntotal 12\n');
    await dc.continueRequest({ threadId: at.threadId });
    await dc.event('terminated');
    assert.equal(dc.printed(), 'cell one\ntotal 12\nanswer 24\n');
    await dc.finish();
}));

test('a breakpoint given by a line of the notebook file stops there, in the same spelling', session(async (dc) => {
    const line = jsonLine(SCALE, 2, 3);
    await dc.begin(LAUNCH, async () => {
        const [set] = await dc.breakpoints(SCALE, line);
        assert.equal(set.line ?? line, line);
    });
    const at = await dc.stop('breakpoint');
    assert.deepEqual([at.top.source.path, at.top.line], [SCALE, line]);
    await dc.finish();
}));

test('a line of the file outside a code cell is refused with a message', session(async (dc) => {
    let set;
    await dc.begin(LAUNCH, async () => {
        set = await dc.breakpoints(SCALE, 1, jsonLine(SCALE, 0, 1), jsonLine(SCALE, 1, 5));
    });
    assert.deepEqual(set.slice(0, 2).map((b) => b.verified), [false, false]);
    assert.ok(set[0].message && set[1].message);
    const at = await dc.stop('breakpoint');
    assert.equal(at.top.line, jsonLine(SCALE, 1, 5));
    await dc.finish();
}));

test('nb.ipynb#cell=N names a cell and is answered by a sourceReference', session(async (dc) => {
    await dc.begin(LAUNCH, async () => {
        await dc.breakpoints(`${SCALE}#cell=4`, 1);
    });
    const at = await dc.stop('breakpoint');
    assert.ok(at.top.source.sourceReference > 0);
    assert.match(at.top.source.name, /scale\.ipynb \[cell 4\]/);
    const reply = await dc.sourceRequest({ source: at.top.source, sourceReference: at.top.source.sourceReference });
    assert.equal(reply.body.content, cells(SCALE)[4].text);
    await dc.finish();
}));

test('every code cell has its breakpoint verified before the first cell stops', session(async (dc) => {
    const ids = new Map();
    await dc.begin(LAUNCH, async () => {
        await dc.announce(SCALE);
        for (const { index, code } of cells(SCALE)) {
            if (code) {
                const [set] = await dc.breakpoints(uri(SCALE, index), 1);
                ids.set(set.id, set.verified);
            }
        }
    });
    const at = await dc.stop('breakpoint');
    assert.equal(at.top.source.path, uri(SCALE, 1));
    const firstStop = dc.events.findIndex((e) => e.event === 'stopped');
    for (const { event, body } of dc.events.slice(0, firstStop)) {
        if (event === 'breakpoint' && ids.has(body.breakpoint.id)) {
            ids.set(body.breakpoint.id, body.breakpoint.verified);
        }
    }
    assert.deepEqual([...ids.values()], [true, true, true], dc.story());
    await dc.finish();
}));

test('a condition stops only where it holds', session(async (dc) => {
    await dc.begin(LAUNCH, async () => {
        await dc.announce(SCALE);
        await dc.breakpoints(uri(SCALE, 2), { line: 3, condition: 'value == 2' });
    });
    const at = await dc.stop('breakpoint');
    assert.equal((await dc.local(at.top, 'value')).value, '2');
    assert.equal((await dc.local(at.top, 'total')).value, '2');
    await dc.continueRequest({ threadId: at.threadId });
    await dc.event('terminated');
    assert.equal(dc.events.filter((e) => e.event === 'stopped').length, 1);
    await dc.finish();
}));

test('a hit condition stops at that hit', session(async (dc) => {
    await dc.begin(LAUNCH, async () => {
        await dc.announce(SCALE);
        await dc.breakpoints(uri(SCALE, 1), { line: 2, hitCondition: '3' });
    });
    const at = await dc.stop('breakpoint');
    assert.equal((await dc.local(at.top, 'value')).value, '3');
    await dc.continueRequest({ threadId: at.threadId });
    await dc.event('terminated');
    await dc.finish();
}));

test('a logpoint prints and does not stop', session(async (dc) => {
    await dc.begin(LAUNCH, async () => {
        await dc.announce(SCALE);
        await dc.breakpoints(uri(SCALE, 2), { line: 3, logMessage: 'value is {value}' });
    });
    await dc.event('terminated');
    const text = dc.events.filter((e) => e.event === 'output').map((e) => e.body.output).join('');
    assert.match(text, /value is 1\n[^]*value is 2\n[^]*value is 3\n/);
    assert.ok(!dc.events.some((e) => e.event === 'stopped'));
    await dc.finish();
}));

test('a breakpoint in a function of one cell is hit when another cell calls it', session(async (dc) => {
    await dc.begin(LAUNCH, async () => {
        await dc.announce(SCALE);
        await dc.breakpoints(uri(SCALE, 1), 2);
    });
    const at = await dc.stop('breakpoint');
    assert.deepEqual([at.top.name, at.top.source.path, at.top.line], ['scale', uri(SCALE, 1), 2]);
    assert.deepEqual([at.frames[1].source.path, at.frames[1].line], [uri(SCALE, 2), 3]);
    assert.equal(at.frames.length, 2, 'no frame of ours or of the shell');
    await dc.finish();
}));
