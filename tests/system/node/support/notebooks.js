// SPDX-License-Identifier: BSD-3-Clause
// The notebooks of the tests and the ways to name their cells (contracts: (a) a line of the file's
// JSON, (b) an announced URI, (d) nb.ipynb#cell=N).
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { ROOT } = require('./schema');

const FOLDER = path.join(ROOT, 'tests/system/notebooks');
const file = (name) => path.join(FOLDER, name);

function cells(notebook) {
    return JSON.parse(fs.readFileSync(notebook, 'utf8')).cells.map((cell, index) => ({
        index,
        code: cell.cell_type === 'code',
        text: cell.source.join(''),
    }));
}

// The 1-based line of the .ipynb that holds this line of the cell, found in the file's own text.
function jsonLine(notebook, index, line) {
    const lines = fs.readFileSync(notebook, 'utf8').split('\n');
    let seen = -1;
    const start = lines.findIndex((text) => /^ {3}"source": \[/.test(text) && ++seen === index);
    if (start < 0) {
        throw new Error(`no cell ${index} in ${notebook}`);
    }
    return start + 1 + line;
}

const uri = (notebook, index) => `vscode-notebook-cell:${notebook}#W${index}sZmlsZQ%3D%3D`;

module.exports = { file, cells, jsonLine, uri };
