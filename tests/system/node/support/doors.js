// SPDX-License-Identifier: BSD-3-Clause
// The ways into an adapter that serves many clients: TCP, and websocket, which carries the same
// framed stream in its messages.
'use strict';

const net = require('node:net');
const readline = require('node:readline');
const { spawn } = require('node:child_process');
const WebSocket = require('ws');

const ALONE_S = '1'; // its kernels end soon after the test

function lines(stream) {
    const reader = readline.createInterface({ input: stream });
    return reader[Symbol.asyncIterator]();
}

// Starts `celldap serve`; its process, where it listens, and what lets in.
async function serve(program) {
    const server = spawn(program, ['serve', '--alone', ALONE_S, '--tcp', '127.0.0.1:0']);
    const said = lines(server.stdout);
    const [, page, token] = /(http:\S*)\/#token=([\w-]+)/.exec((await said.next()).value);
    const [, port] = /:(\d+)$/.exec((await said.next()).value);
    return { server, page, token, port: Number(port) };
}

function byTcp({ port }) {
    return new Promise((resolve, reject) => {
        const socket = net.createConnection(port, '127.0.0.1', () => resolve(socket));
        socket.once('error', reject);
    });
}

function byWebsocket({ page, token }) {
    const socket = new WebSocket(`${page.replace('http', 'ws')}/dap`, ['dap', `token.${token}`]);
    return WebSocket.createWebSocketStream(socket, { encoding: undefined });
}

const doors = { tcp: byTcp, ws: byWebsocket };

module.exports = { serve, doors };
