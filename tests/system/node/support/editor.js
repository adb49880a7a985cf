// SPDX-License-Identifier: BSD-3-Clause
// An editor to be killed: debugs a notebook, says "stopped" at its breakpoint, and then lives on.
'use strict';

const { Client } = require('./client');
const { file, uri } = require('./notebooks');

async function main() {
    const notebook = file('scale.ipynb');
    const dc = new Client();
    await dc.start();
    await dc.begin({ program: notebook }, async () => {
        await dc.announce(notebook);
        await dc.breakpoints(uri(notebook, 2), 3);
    });
    await dc.stop('breakpoint');
    process.stdout.write('stopped\n');
}

main().catch((error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
});
