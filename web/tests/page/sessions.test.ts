// SPDX-License-Identifier: BSD-3-Clause
// Sessions: reloads, a second tab, a lost connection, a kernel that dies.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Bench, NotebookPage } from "../support/page.ts";
import { notebookOf, Served } from "../support/serve.ts";

const bench = new Bench();
after(() => bench.close());

const FUNCTION = "def f(n):\n    return n + 1\nprint('before')\nf(41)";

test("a reload while stopped comes back to the stop, with outputs and breakpoints", async (t) => {
  await bench.notebook(t, [{ source: FUNCTION }], async (page) => {
    await page.margin(0, 2);
    await page.run(0);
    await page.stoppedAt(0, 2);
    await page.key("Control+S");
    await page.page.locator(".save-state", { hasText: /^\s*saved$/ }).waitFor();
    await page.page.reload();
    await page.stoppedAt(0, 2);
    await page.value("n").filter({ hasText: "41" }).waitFor();
    await page.dots(0).first().waitFor();
    await page.output(0).filter({ hasText: "before" }).waitFor();
    await page.key("F5");
    await page.output(0).filter({ hasText: "42" }).waitFor();
    await page.idle();
  });
});

test("a second tab sees the same stop", async (t) => {
  await bench.notebook(t, [{ source: FUNCTION }], async (page) => {
    await page.margin(0, 2);
    await page.run(0);
    await page.stoppedAt(0, 2);
    const tab = await (await bench.context()).newPage();
    const other = new NotebookPage(tab, page.served, []);
    await tab.goto(page.page.url());
    await other.stoppedAt(0, 2);
    await other.value("n").filter({ hasText: "41" }).waitFor();
    await other.key("F10");
    await page.page.locator(".thread-state", { hasText: "step" }).waitFor();
    await tab.close();
    await page.key("F5");
    await page.ran(0);
  });
});

test("a lost connection is told and comes back, and no edit is lost", async () => {
  const served = await Served.start({ "nb.ipynb": notebookOf([{ source: "x = 1" }]) }, "nb.ipynb");
  const tab = await (await bench.context()).newPage();
  tab.setDefaultTimeout(60_000);
  const page = new NotebookPage(tab, served, []);
  try {
    await tab.goto(served.url);
    await page.run(0);
    await page.ran(0);
    await served.stop();
    await tab.locator(".kernel-lost").waitFor();
    await tab.locator(".notice", { hasText: "Trying again" }).waitFor();
    await page.edit(0);
    await page.key("Control+End");
    await tab.keyboard.type(" + 41");
    const port = Number(new URL(served.url).port);
    const again = await Served.on(served.folder, "nb.ipynb", port);
    // the new server has a new token: its own address is opened, as the user would
    await tab.locator(".cell-text", { hasText: "x = 1 + 41" }).waitFor({ state: "attached" });
    await again.end();
  } finally {
    await tab.close({ runBeforeUnload: false });
    await served.end();
  }
});

test("a kernel that dies is told, and a new one is one click away", async (t) => {
  const cells = [{ source: "import os\nos._exit(3)" }, { source: "1 + 1" }];
  await bench.notebook(t, cells, async (page) => {
    await page.run(0);
    const notice = page.page.locator(".notice-trouble");
    await notice.waitFor();
    await notice.locator("button", { hasText: "Start a kernel" }).click();
    await page.idle();
    await page.run(1);
    await page.output(1).filter({ hasText: "2" }).waitFor();
  });
});

test("the picker lists kernels and starts another one", async (t) => {
  const cells = [{ source: "x = 5" }, { source: "'x' in dir()" }];
  await bench.notebook(t, cells, async (page) => {
    await page.run(0);
    await page.ran(0);
    await page.page.locator(".kernel").click();
    const dialog = page.page.locator("dialog");
    await dialog.locator("[aria-label='running kernels'] button[aria-current=true]").waitFor();
    await dialog.locator("[aria-label='installed kernels'] button").first().click();
    await page.idle();
    await page.run(1);
    await page.output(1).filter({ hasText: "False" }).waitFor();
  });
});

test("files are listed, opened, made, and left again", async (t) => {
  const files = { "nb.ipynb": notebookOf([{ source: "1" }]), "plain.txt": "no notebook" };
  await bench.files(t, files, undefined, async (page) => {
    const entry = (name: string) => page.page.locator(".entry", { hasText: name });
    await entry("nb.ipynb").waitFor();
    assert.equal(await entry("plain.txt").isDisabled(), true);
    await page.page.locator("button", { hasText: "New notebook" }).click();
    await page.page.locator(".file-path", { hasText: "Untitled.ipynb" }).waitFor();
    await page.idle();
    await page.page.locator("[title='All files']").click();
    await entry("Untitled.ipynb").waitFor();
    await entry("nb.ipynb").click();
    await page.idle();
  });
});

test("a wrong token gets nothing but words", async () => {
  const served = await Served.start({});
  const tab = await (await bench.context()).newPage();
  await tab.goto(served.url.replace(/token=.*/, "token=wrong"));
  await tab.locator(".trouble").waitFor();
  await tab.close();
  await served.end();
});

const SCRIPT = "a = 2\n\n# %% [markdown]\n# # Title\n\n# %%\nb = a * 21\nprint(b)\n";

test("a percent file runs as cells, stops in them, and is saved as it was", async (t) => {
  await bench.files(t, { "s.py": SCRIPT }, "s.py", async (page) => {
    await page.idle();
    const cell = (index: number) => page.page.locator(`[data-cell="idx-${index}"]`);
    await page.page.locator("h1", { hasText: "Title" }).waitFor();
    await cell(2)
      .locator(".has-editor .margin")
      .click({ position: { x: 10, y: 36 } });
    await cell(2).locator(".dot").waitFor();
    await page.command("runAll");
    await cell(2).locator(".line-current").waitFor();
    await page.value("b").filter({ hasText: "42" }).waitFor();
    await page.key("F5");
    await cell(2).locator(".outputs", { hasText: "42" }).waitFor();
    await cell(0).locator(".has-editor .view-lines").click();
    await page.key("Control+End");
    await page.page.keyboard.type("0");
    await page.key("Control+S");
    await page.page.locator(".save-state", { hasText: /^\s*saved$/ }).waitFor();
    assert.equal(await page.served.read("s.py"), SCRIPT.replace("a = 2", "a = 20"));
  });
});

test("a plain file is one cell", async (t) => {
  await bench.files(t, { "p.py": "print('plain')\n" }, "p.py", async (page) => {
    await page.idle();
    await page.command("runAll");
    await page.page.locator(".outputs", { hasText: "plain" }).waitFor();
  });
});
