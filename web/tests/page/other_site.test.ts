// SPDX-License-Identifier: BSD-3-Clause
// A page of another site, in the same browser, tries every port of `celldap serve`: nothing starts.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { openBrowser } from "../support/page.ts";
import { BUILD, notebookOf } from "../support/serve.ts";

interface Ports {
  readonly web: number;
  readonly tcp: number;
  readonly token: string;
  end(): Promise<void>;
}

async function serve(folder: string): Promise<Ports> {
  const child = spawn(join(BUILD, "bin/celldap"), ["serve", folder, "--tcp", "127.0.0.1:0"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, JUPYTER_RUNTIME_DIR: join(folder, "runtime") },
  });
  const exited = new Promise<void>((done) => child.on("exit", () => done()));
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (said.push(line) === 2) {
      break;
    }
  }
  const [, web, token] = /:(\d+)\/#token=([\w-]+)/.exec(said[0] ?? "") ?? [];
  const [, tcp] = /:(\d+)$/.exec(said[1] ?? "") ?? [];
  const end = async (): Promise<void> => {
    child.kill("SIGTERM");
    await exited;
  };
  return { web: Number(web), tcp: Number(tcp), token: token ?? "", end };
}

/** A page on a port of its own: of the same machine, and all the same another site. */
async function otherSite(): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer((_, reply) => {
    reply.setHeader("content-type", "text/html");
    reply.end("<!doctype html><title>another site</title>");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  const close = (): Promise<void> => new Promise((done) => server.close(() => done()));
  return { url: `http://127.0.0.1:${address.port}/`, close };
}

/** What the page got for each try, in words. */
function attack(page: Page, web: number, tcp: number, program: string): Promise<string[]> {
  const launch = { seq: 1, type: "request", command: "initialize", arguments: { adapterID: "x" } };
  const run = { seq: 2, type: "request", command: "launch", arguments: { program } };
  const frames = [launch, run]
    .map((m) => JSON.stringify(m))
    .map((text) => `Content-Length: ${text.length}\r\n\r\n${text}`)
    .join("");
  return page.evaluate(
    async ({ web, tcp, frames }) => {
      const tries: [string, RequestInit][] = [
        [`http://127.0.0.1:${tcp}/`, { method: "POST", mode: "no-cors", body: frames }],
        [`http://localhost:${tcp}/`, { method: "POST", mode: "no-cors", body: frames }],
        [`http://127.0.0.1:${web}/dap`, { method: "POST", mode: "no-cors", body: frames }],
        [`http://127.0.0.1:${web}/api/info`, {}],
        [
          `http://127.0.0.1:${web}/api/file?path=planted`,
          { method: "PUT", headers: { "if-none-match": "*" }, body: "x" },
        ],
        [`http://127.0.0.1:${web}/api/kernels/x/shutdown`, { method: "POST", mode: "no-cors" }],
      ];
      const got = [];
      for (const [url, options] of tries) {
        try {
          const reply = await fetch(url, options);
          got.push(reply.type === "opaque" ? "opaque" : `read ${reply.status}`);
        } catch {
          got.push("refused");
        }
      }
      const socket = new WebSocket(`ws://127.0.0.1:${web}/dap`, ["dap", "token.guess"]);
      const closed = await new Promise<string>((done) => {
        socket.addEventListener("message", () => done("a message came"));
        socket.addEventListener("close", (event) => done(`closed ${event.code}`));
      });
      return [...got, closed];
    },
    { web, tcp, frames },
  );
}

async function runningKernels(ports: Ports): Promise<unknown> {
  const reply = await fetch(`http://127.0.0.1:${ports.web}/api/kernels`, {
    headers: { authorization: `Bearer ${ports.token}` },
  });
  const body: unknown = await reply.json();
  assert.ok(typeof body === "object" && body !== null && "running" in body);
  return body.running;
}

test("a page of another site starts nothing, reads nothing, writes nothing", async () => {
  const folder = await mkdtemp(join(tmpdir(), "celldap-other-"));
  const program = join(folder, "nb.ipynb");
  await writeFile(program, notebookOf([{ source: "open('ran', 'w').close()" }]));
  const ports = await serve(folder);
  const site = await otherSite();
  const { context, close } = await openBrowser();
  try {
    const page = await context.newPage();
    await page.goto(site.url);
    const got = await attack(page, ports.web, ports.tcp, program);
    assert.equal(got.length, 7);
    assert.ok(!got.some((word) => word.startsWith("read")), got.join(", "));
    assert.equal(got.at(-1), "closed 1008");
    assert.deepEqual(await runningKernels(ports), []);
    assert.ok(!existsSync(join(folder, "ran")));
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name === "planted"),
      [],
    );
  } finally {
    await close();
    await site.close();
    await ports.end();
    await rm(folder, { recursive: true, force: true });
  }
});
