// SPDX-License-Identifier: BSD-3-Clause
// Processes as /proc shows them: who descends from whom, and who is still there.
'use strict';

const fs = require('node:fs');

// The fields of /proc/PID/stat after the name: [state, ppid, …]; null when it is gone.
function stat(pid) {
    try {
        const text = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
        return text.slice(text.lastIndexOf(')') + 2).split(' ');
    } catch {
        return null;
    }
}

function descendants(root) {
    const children = new Map();
    for (const name of fs.readdirSync('/proc')) {
        const fields = /^\d+$/.test(name) ? stat(name) : null;
        if (fields) {
            const parent = Number(fields[1]);
            children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
        }
    }
    const found = [];
    const open = [root];
    while (open.length) {
        const more = children.get(open.pop()) ?? [];
        found.push(...more);
        open.push(...more);
    }
    return found;
}

// A process by pid and start time, so that a pid that is used again is not taken for it.
function identity(pid) {
    const fields = stat(pid);
    return fields && { pid, started: fields[19] };
}

function alive({ pid, started }) {
    const fields = stat(pid);
    return fields !== null && fields[19] === started && fields[0] !== 'Z';
}

// Resolves with those still alive when none is left or the time is over.
async function gone(processes, limitMs) {
    const end = Date.now() + limitMs;
    let left = processes.filter(alive);
    while (left.length && Date.now() < end) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        left = left.filter(alive);
    }
    return left.map(({ pid }) => pid);
}

module.exports = { descendants, identity, gone };
