// SPDX-License-Identifier: BSD-3-Clause
// DebugClient for the tests. It checks every message of both directions against the schema, that
// seq grows, that each request has exactly one reply, and it keeps the events, so that one which
// came before it was waited for is not lost.
'use strict';

const assert = require('node:assert');
const path = require('node:path');
const { DebugClient } = require('@vscode/debugadapter-testsupport');
const { doors, serve } = require('./doors');
const { faults, ROOT } = require('./schema');
const { descendants, identity, gone } = require('./processes');
const { cells, uri } = require('./notebooks');

const BUILD = process.env.CELLDAP_BUILD || path.join(ROOT, 'build');
const GUARD_MS = 90_000; // against hangs only
const PROGRAM = path.join(BUILD, 'bin/celldap');
const DOOR = process.env.CELLDAP_DOOR || 'stdio'; // tcp, ws: of an adapter that serves many

class Client extends DebugClient {
    constructor() {
        super('/usr/bin/env', PROGRAM, 'celldap');
        this.defaultTimeout = GUARD_MS;
        this.wrong = [];
        this.events = [];
        this.waiting = [];
        this.unanswered = new Map();
        this.lastSeq = 0;
        this.stderr = '';
    }

    async start() {
        if (DOOR === 'stdio') {
            await super.start();
        } else {
            const started = await serve(PROGRAM);
            this._adapterProcess = started.server;
            this.token = started.token;
            const stream = await doors[DOOR](started);
            this.connect(stream, stream);
        }
        const adapter = this._adapterProcess;
        this.pid = adapter.pid;
        adapter.stderr.on('data', (data) => (this.stderr += data));
        adapter.stdin.on('error', () => {}); // the adapter may be gone before our last write
        this.ended = new Promise((resolve) => adapter.on('exit', (code, signal) => resolve({ code, signal })));
    }

    doSend(command, args, callback) {
        const seq = this.sequence;
        if (this.token && (command === 'launch' || command === 'attach')) {
            args = { ...args, celldapToken: this.token };
        }
        const message = { type: 'request', seq, command };
        if (args && Object.keys(args).length > 0) {
            message.arguments = args;
        }
        this.wrong.push(...faults(message).map((fault) => `sent: ${fault}`));
        this.unanswered.set(seq, command);
        super.doSend(command, args, callback);
    }

    // Resolves with the whole response; a failed one rejects with it as the error's `response`.
    send(command, args) {
        return new Promise((resolve, reject) => {
            const guard = setTimeout(() => reject(new Error(`no reply to '${command}'\n${this.story()}`)), GUARD_MS);
            this.doSend(command, args, (response) => {
                clearTimeout(guard);
                if (response.success) {
                    resolve(response);
                } else {
                    reject(Object.assign(new Error(`${command}: ${response.message}`), { response }));
                }
            });
        });
    }

    dispatch(text) {
        const message = JSON.parse(text);
        this.wrong.push(...faults(message).map((fault) => `received: ${fault}`));
        if (!(message.seq > this.lastSeq)) {
            this.wrong.push(`seq ${message.seq} after ${this.lastSeq}`);
        }
        this.lastSeq = message.seq;
        if (message.type === 'response') {
            if (this.unanswered.get(message.request_seq) !== message.command) {
                this.wrong.push(`a reply to nothing: ${text.slice(0, 300)}`);
            }
            this.unanswered.delete(message.request_seq);
        } else if (message.type === 'event') {
            this.events.push(message);
            this.waiting = this.waiting.filter((look) => !look());
        }
        super.dispatch(text);
    }

    // The next event of this name that `fits`, from those not taken yet; it and all before it that
    // are of the same name are taken.
    event(name, fits = () => true) {
        return new Promise((resolve, reject) => {
            const look = () => {
                const found = this.events.find((e) => !e.taken && e.event === name && fits(e.body));
                if (!found) {
                    return false;
                }
                for (const earlier of this.events.slice(0, this.events.indexOf(found) + 1)) {
                    earlier.taken = earlier.taken || earlier.event === name;
                }
                clearTimeout(guard);
                resolve(found.body);
                return true;
            };
            const guard = setTimeout(() => reject(new Error(`no '${name}' event\n${this.story()}`)), GUARD_MS);
            if (!look()) {
                this.waiting.push(look);
            }
        });
    }

    // Everything that the user's program printed, of one category.
    printed(category = 'stdout') {
        const mine = this.events.filter((e) => e.event === 'output' && (e.body.category ?? 'console') === category);
        return mine.map((e) => e.body.output).join('');
    }

    // Resolves once the output holds the text.
    async output(text, category = 'stdout') {
        while (!this.printed(category).includes(text)) {
            await this.event('output');
        }
    }

    story() {
        const line = (e) => `  ${e.event} ${JSON.stringify(e.body ?? {}).slice(0, 300)}`;
        return ['events:', ...this.events.slice(-25).map(line), 'stderr:', this.stderr.slice(-3000)].join('\n');
    }

    // initialize, launch, what `configure` does, configurationDone; resolves with launch's reply.
    async begin(launch, configure = async () => {}) {
        this.capabilities = (await this.initializeRequest({
            adapterID: 'celldap',
            clientID: 'test',
            linesStartAt1: true,
            columnsStartAt1: true,
            pathFormat: 'path',
            supportsVariableType: true,
        })).body;
        await this.event('initialized');
        const launched = this.launchRequest(launch);
        launched.catch(() => {});
        await configure();
        await this.configurationDoneRequest();
        return launched;
    }

    // Announces every code cell of the notebook by its URI, as VS Code's bridge does.
    async announce(notebook) {
        for (const { index, code, text } of cells(notebook)) {
            if (code) {
                await this.customRequest('celldap/cell', { uri: uri(notebook, index), notebook, index, code: text });
            }
        }
    }

    async breakpoints(sourcePath, ...breakpoints) {
        const list = breakpoints.map((b) => (typeof b === 'number' ? { line: b } : b));
        const reply = await this.setBreakpointsRequest({ source: { path: sourcePath }, breakpoints: list });
        assert.equal(reply.body.breakpoints.length, list.length);
        return reply.body.breakpoints;
    }

    // The next stop: its event body, and the stack of its thread.
    async stop(reason) {
        const body = await this.event('stopped');
        if (reason) {
            assert.equal(body.reason, reason, this.story());
        }
        const trace = await this.stackTraceRequest({ threadId: body.threadId });
        return { body, threadId: body.threadId, frames: trace.body.stackFrames, top: trace.body.stackFrames[0] };
    }

    async local(frame, name) {
        const { scopes } = (await this.scopesRequest({ frameId: frame.id })).body;
        for (const scope of scopes) {
            const { variables } = (await this.variablesRequest({ variablesReference: scope.variablesReference })).body;
            const found = variables.find((v) => v.name === name);
            if (found) {
                return { ...found, scope };
            }
        }
        throw new Error(`no variable '${name}' in frame '${frame.name}'`);
    }

    async evaluate(expression, frameId, context = 'repl') {
        const args = frameId === undefined ? { expression, context } : { expression, frameId, context };
        return (await this.evaluateRequest(args)).body.result;
    }

    processes() {
        return [this.pid, ...descendants(this.pid)].map(identity).filter(Boolean);
    }

    // Ends the session as an editor does; then nothing may be wrong, unanswered or left running.
    async finish() {
        const before = this.processes();
        await this.disconnectRequest({ terminateDebuggee: true });
        if (DOOR !== 'stdio') {
            process.kill(this.pid, 'SIGTERM'); // its kernels end by themselves
        }
        const { code, signal } = await this.ended;
        assert.deepEqual({ code, signal }, { code: 0, signal: null }, this.story());
        assert.deepEqual(await gone(before, GUARD_MS), [], 'processes left behind');
        this.check();
    }

    check() {
        assert.deepEqual(this.wrong, []);
        assert.deepEqual([...this.unanswered.values()], [], 'requests without a reply');
    }

    // For a test's end in any case.
    async drop() {
        const left = this.processes();
        this.stopAdapter();
        const still = await gone(left, 10_000);
        still.forEach((pid) => process.kill(pid, 'SIGKILL'));
    }
}

// Runs the body with a started client and ends what it leaves.
function session(body) {
    return async () => {
        const client = new Client();
        await client.start();
        try {
            await body(client);
        } finally {
            await client.drop();
        }
    };
}

module.exports = { Client, session, BUILD, GUARD_MS };
