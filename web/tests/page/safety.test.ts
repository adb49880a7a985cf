// SPDX-License-Identifier: BSD-3-Clause
// A hostile notebook: nothing of it runs in the page's origin, and the policy is never even asked.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Bench } from "../support/page.ts";
import { notebookOf, type TestCell } from "../support/serve.ts";

const bench = new Bench();
after(() => bench.close());

const STEAL = "parent.stolen=1;top.stolen=1;window.stolen=1";
const IMG = `<img src=x onerror="${STEAL}">`;
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" onload="${STEAL}"><script>${STEAL}</script></svg>`;

function output(data: Record<string, unknown>): unknown {
  return { data, metadata: {}, output_type: "display_data" };
}

const TRACE = [`\u001b[31m${IMG}\u001b[0m`, `File "/x${IMG}", line 1`, `<script>${STEAL}</script>`];

const HOSTILE: readonly TestCell[] = [
  {
    source: "pass",
    outputs: [
      output({ "text/html": `<script>${STEAL};document.title='ran'</script><b id=seen>html</b>` }),
      output({ "image/svg+xml": SVG }),
      output({ "text/markdown": `${IMG}<script>${STEAL}</script>[x](javascript:${STEAL})` }),
      output({ "text/latex": `$\\href{javascript:${STEAL}}{x}$ ${IMG}` }),
      output({ "application/json": { [IMG]: IMG, __proto__: { polluted: true } } }),
      output({ "text/plain": IMG }),
      { output_type: "error", ename: IMG, evalue: IMG, traceback: TRACE },
      {
        output_type: "stream",
        name: "stdout",
        text: `${IMG}\u001b]8;;javascript:${STEAL}\u0007link`,
      },
    ],
  },
  {
    type: "markdown",
    source: [
      `# ${IMG}`,
      `<script>${STEAL}</script> <iframe srcdoc="<script>${STEAL}</script>"></iframe>`,
      `<a href="javascript:${STEAL}">link</a> <form action="//evil"><button>go</button></form>`,
      `<div style="position:fixed;inset:0" onclick="${STEAL}">over</div>`,
      `![x](http://evil.example/x.png) <a title="$x${IMG}$">t</a> $\\text{${IMG}}$`,
    ].join("\n\n"),
  },
];

test("script in HTML, SVG, markdown, JSON, names and tracebacks runs nothing here", async (t) => {
  const name = "<img src=x onerror=stolen=1>.ipynb";
  await bench.files(t, { [name]: notebookOf(HOSTILE) }, undefined, async (page) => {
    const violations: string[] = [];
    page.page.on("console", (message) => {
      const { url } = message.location();
      if (message.text().includes("Content Security Policy") && !url.includes("sandbox.html")) {
        violations.push(message.text());
      }
    });
    const asked: string[] = [];
    page.page.on("request", (request) => asked.push(request.url()));
    await page.page.locator(".entry", { hasText: "onerror" }).click();
    await page.idle();
    const frame = page.page.frameLocator(".sandbox");
    await frame.locator("#seen").waitFor(); // what the frame shows has run there
    await page.page.locator(".markdown h1").first().waitFor();
    assert.equal(await page.page.evaluate(() => "stolen" in window), false);
    assert.equal(await page.page.evaluate(() => "polluted" in {}), false);
    assert.equal(
      await page.page.locator(".markdown :is(script, iframe, form, [style*=fixed])").count(),
      0,
    );
    assert.equal(await page.page.locator('a[href^="javascript"]').count(), 0);
    const origin = new URL(page.page.url()).origin;
    const outside = asked.filter((url) => !url.startsWith(origin) && !/^(data|blob):/.test(url));
    assert.deepEqual(outside, []);
    assert.deepEqual(violations, []);
    page.faults.length = 0; // what the frame's own script tried was refused there, and says so
  });
});

const EXPECTED = {
  storage: "SecurityError",
  page: "SecurityError",
  server: "refused",
  origin: "null",
};

test("a frame with an output can neither read the page nor ask the server", async (t) => {
  const probe = [
    "<b id=done></b><script>",
    "const say = (key, words) => (document.getElementById('done').dataset[key] = words);",
    "try { say('storage', String(localStorage.length)); } catch (e) { say('storage', e.name); }",
    "try { say('page', parent.document.title); } catch (e) { say('page', e.name); }",
    "fetch('/api/info').then(() => say('server', 'reached'), () => say('server', 'refused'));",
    "say('origin', String(origin));",
    "</script>",
  ].join("\n");
  const cells = [{ source: "pass", outputs: [output({ "text/html": probe })] }];
  await bench.notebook(t, cells, async (page) => {
    const done = page.page.frameLocator(".sandbox").locator("#done[data-server]");
    await done.waitFor({ state: "attached" });
    for (const [key, words] of Object.entries(EXPECTED)) {
      assert.equal(await done.getAttribute(`data-${key}`), words);
    }
    page.faults.length = 0; // the refusals are errors in the frame's console
  });
});

test("the token is in no request's address and not in the referrer", async (t) => {
  await bench.notebook(t, [{ source: "1" }], async (page) => {
    const token = new URLSearchParams(new URL(page.page.url()).hash.slice(1)).get("token") ?? "";
    assert.ok(token.length > 10);
    const asked: string[] = [];
    page.page.on("request", (request) => asked.push(request.url().split("#")[0] ?? ""));
    await page.page.reload();
    await page.idle();
    assert.ok(asked.length > 3);
    assert.deepEqual(
      asked.filter((url) => url.includes(token)),
      [],
    );
  });
});
