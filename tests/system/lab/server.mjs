// SPDX-License-Identifier: BSD-3-Clause
// A Jupyter server of its own for the tests: own home, own folder, own kernelspec, a free port, and
// the ports of its kernels as in ../ports.py.

import { spawn, execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = new URL('../../../', import.meta.url).pathname;
const BUILD = process.env.CELLDAP_BUILD ?? join(ROOT, 'build');
const LAB = process.env.CELLDAP_LAB_VENV ?? join(ROOT, 'build/venv-lab');
const PYTHON = process.env.CELLDAP_TEST_PYTHON ?? join(LAB, 'bin/python');
const START_MS = 120000;
const TRIES = 3; // somebody may take the free port before the server does
const CONFIG = `import sys
sys.path.insert(0, ${JSON.stringify(join(ROOT, 'tests/system'))})
import ports
del sys.path[0]
ports.use()
`;

function freePort() {
    return new Promise((resolve, reject) => {
        const server = createServer().on('error', reject);
        server.listen(0, '127.0.0.1', () => {
            const { port } = server.address();
            server.close(() => resolve(port));
        });
    });
}

/** Resolves when the server serves. */
function ready(child, address) {
    return new Promise((resolve, reject) => {
        let said = '';
        const late = setTimeout(() => reject(new Error(`no Jupyter server: ${said}`)), START_MS);
        child.stderr.on('data', (bytes) => {
            said = (said + bytes).slice(-20000);
            if (said.includes(address)) {
                clearTimeout(late);
                resolve();
            }
        });
        child.once('exit', (code) => {
            clearTimeout(late);
            reject(new Error(`the Jupyter server ended (${code}): ${said}`));
        });
    });
}

/** {child, port} of a server that serves. */
async function serving(token, env, cwd) {
    for (let number = 1; ; number++) {
        const port = await freePort();
        const child = spawn(
            join(LAB, 'bin/jupyter-lab'),
            ['--no-browser', '--allow-root', '--ip=127.0.0.1', `--port=${port}`,
                '--ServerApp.port_retries=0', `--IdentityProvider.token=${token}`,
                '--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate'],
            { env, cwd, stdio: ['ignore', 'ignore', 'pipe'] });
        try {
            await ready(child, `127.0.0.1:${port}/lab`);
            return { child, port };
        } catch (error) {
            child.kill('SIGKILL');
            if (number === TRIES || !/already in use|is not available/.test(error.message)) {
                throw error;
            }
            console.log(`# port ${port} was taken: another one`);
        }
    }
}

/** {url, folder, stop()} */
export async function startServer() {
    const home = mkdtempSync(join(tmpdir(), 'celldap-lab-'));
    const folder = join(home, 'notebooks');
    const token = 'celldap-lab-tests';
    const env = { ...process.env, HOME: home, JUPYTER_PREFER_ENV_PATH: '0' };
    for (const name of Object.keys(env)) {
        if (/^(JUPYTER_(?!PREFER)|IPYTHON|XDG_|VIRTUAL_ENV)/.test(name)) {
            delete env[name];
        }
    }
    mkdirSync(folder);
    execFileSync(join(BUILD, 'bin/celldap'), ['install', '--user', '--python', PYTHON], { env });
    mkdirSync(join(home, '.jupyter'));
    writeFileSync(join(home, '.jupyter/jupyter_server_config.py'), CONFIG);
    const { child, port } = await serving(token, env, folder);
    return {
        folder,
        url: `http://127.0.0.1:${port}/lab?token=${token}&reset`,
        stop: () =>
            new Promise((resolve) => {
                child.once('exit', () => {
                    rmSync(home, { recursive: true, force: true });
                    resolve();
                });
                child.kill('SIGTERM');
            }),
    };
}
