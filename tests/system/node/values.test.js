// SPDX-License-Identifier: BSD-3-Clause
'use strict';

const test = require('node:test');
const assert = require('node:assert');
const { session } = require('./support/client');
const { file, uri } = require('./support/notebooks');

const SCALE = file('scale.ipynb');
const ERROR = file('error.ipynb');

test('setVariable changes what the cell computes', session(async (dc) => {
    await dc.begin({ program: SCALE, exitWhenDone: true }, async () => {
        await dc.announce(SCALE);
        await dc.breakpoints(uri(SCALE, 2), { line: 3, condition: 'value == 1' });
    });
    const at = await dc.stop('breakpoint');
    const value = await dc.local(at.top, 'value');
    const changed = await dc.setVariableRequest({
        variablesReference: value.scope.variablesReference,
        name: 'value',
        value: '10',
    });
    assert.equal(changed.body.value, '10');
    assert.equal((await dc.local(at.top, 'value')).value, '10');
    await dc.continueRequest({ threadId: at.threadId });
    await dc.event('terminated');
    assert.match(dc.printed(), /total 30\nanswer 60\n$/);
    await dc.finish();
}));

test('setVariable changes a local of a function', session(async (dc) => {
    await dc.begin({ program: SCALE, exitWhenDone: true }, async () => {
        await dc.announce(SCALE);
        await dc.breakpoints(uri(SCALE, 1), { line: 3, condition: 'value == 3' });
    });
    const at = await dc.stop('breakpoint');
    const scaled = await dc.local(at.top, 'scaled');
    await dc.setVariableRequest({
        variablesReference: scaled.scope.variablesReference,
        name: 'scaled',
        value: '100',
    });
    await dc.continueRequest({ threadId: at.threadId });
    await dc.event('terminated');
    assert.match(dc.printed(), /total 106\n/);
    await dc.finish();
}));

test('children of a value are listed and an expression is evaluated in its frame', session(async (dc) => {
    await dc.begin({ program: SCALE, exitWhenDone: true }, async () => {
        await dc.announce(SCALE);
        await dc.breakpoints(uri(SCALE, 1), 2);
    });
    const at = await dc.stop('breakpoint');
    assert.equal(await dc.evaluate('value + factor', at.top.id, 'watch'), '3');
    const values = await dc.local(at.frames[1], 'values');
    assert.ok(values.variablesReference > 0);
    const { variables } = (await dc.variablesRequest({ variablesReference: values.variablesReference })).body;
    const items = variables.filter((v) => /^\[?\d+\]?$/.test(v.name));
    assert.deepEqual(items.map((v) => v.value), ['1', '2', '3']);
    await assert.rejects(dc.evaluate('no_such_name', at.top.id, 'watch'), /NameError|no_such_name/);
    await dc.finish();
}));

test('an uncaught exception stops where it was raised, then ends the run', session(async (dc) => {
    await dc.begin({ program: ERROR, exitWhenDone: true }, async () => {
        await dc.announce(ERROR);
        await dc.setExceptionBreakpointsRequest({ filters: ['uncaught'] });
    });
    const at = await dc.stop('exception');
    assert.deepEqual([at.top.name, at.top.source.path, at.top.line], ['fail', uri(ERROR, 0), 2]);
    const info = (await dc.exceptionInfoRequest({ threadId: at.threadId })).body;
    assert.match(info.exceptionId, /ValueError/);
    assert.match(info.description, /no 7/);
    await dc.continueRequest({ threadId: at.threadId });
    assert.equal((await dc.event('exited')).exitCode, 1);
    await dc.event('terminated');
    assert.equal(dc.printed(), 'before\n');
    assert.match(dc.printed('important'), /./);
    assert.match(dc.printed('stderr'), /ValueError/);
    await dc.finish();
}));

test('input() is answered by the next line of the debug console', session(async (dc) => {
    await dc.begin({ program: file('ask.ipynb'), exitWhenDone: true });
    while (!dc.events.some((e) => e.event === 'output' && e.body.output.includes('who? '))) {
        await dc.event('output');
    }
    await dc.evaluate('Ada');
    await dc.output('hello Ada\n');
    await dc.event('terminated');
    await dc.finish();
}));

test('the session outlives the run: the console sees what the cells made', session(async (dc) => {
    await dc.begin({ program: SCALE });
    await dc.output('answer 24\n');
    assert.equal(await dc.evaluate('answer + 1'), '25');
    await dc.finish();
}));
