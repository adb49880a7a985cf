// SPDX-License-Identifier: BSD-3-Clause
// Checks a DAP message against the pinned schema: a request, an event and a response by its
// command's own definition where the schema has one, by the general one otherwise.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const Ajv = require('ajv');

const ROOT = path.resolve(__dirname, '../../../..');
const schema = JSON.parse(fs.readFileSync(path.join(ROOT, 'dap/schema/debugAdapterProtocol.json'), 'utf8'));
delete schema.$schema; // draft-04, whose keywords used here mean the same to ajv
const ajv = new Ajv({ strict: false, allErrors: true });
const inRange = (low, high) => ({ type: 'number', validate: (n) => Number.isInteger(n) && n >= low && n <= high });
ajv.addFormat('int32', inRange(-(2 ** 31), 2 ** 31 - 1));
ajv.addFormat('int64', inRange(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER));
ajv.addFormat('uint32', inRange(0, 2 ** 32 - 1));
ajv.addFormat('uint64', inRange(0, Number.MAX_SAFE_INTEGER));
ajv.addSchema(schema, 'dap');

function definition(message) {
    const capital = (word) => word.charAt(0).toUpperCase() + word.slice(1);
    let own = 'ProtocolMessage';
    let general = own;
    if (message.type === 'request') {
        [own, general] = [`${capital(String(message.command))}Request`, 'Request'];
    } else if (message.type === 'event') {
        [own, general] = [`${capital(String(message.event))}Event`, 'Event'];
    } else if (message.type === 'response' && message.success === false) {
        own = 'ErrorResponse';
    } else if (message.type === 'response') {
        [own, general] = [`${capital(String(message.command))}Response`, 'Response'];
    }
    return schema.definitions[own] ? own : general;
}

// Returns what is wrong with the message, one string a fault; none is an empty list.
function faults(message) {
    const name = definition(message);
    const check = ajv.getSchema(`dap#/definitions/${name}`);
    if (check(message)) {
        return [];
    }
    return check.errors.map((e) => `${name}${e.instancePath} ${e.message} in ${JSON.stringify(message).slice(0, 400)}`);
}

module.exports = { faults, ROOT };
