// SPDX-License-Identifier: BSD-3-Clause
// The notebook: running, outputs, editing, saving.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Bench } from "../support/page.ts";
import { notebookOf } from "../support/serve.ts";

const bench = new Bench();
after(() => bench.close());

test("a cell runs and shows what it prints and what it is", async (t) => {
  await bench.notebook(t, [{ source: "print('hello')\n6 * 7" }], async (page) => {
    await page.run(0);
    await page.ran(0);
    assert.equal((await page.output(0).innerText()).trim(), "hello\n42");
    await page.cell(0).locator(".run-count", { hasText: "[1]" }).waitFor();
  });
});

test("Shift+Enter runs and goes to the next cell, which is made at the end", async (t) => {
  await bench.notebook(t, [{ source: "a = 1" }, { source: "print(a)" }], async (page) => {
    await page.edit(0);
    await page.key("Shift+Enter");
    await page.key("Shift+Enter");
    await page.output(1).filter({ hasText: "1" }).waitFor();
    await page.page.locator('[aria-label="code cell 3 of 3"].selected').waitFor();
  });
});

test("run all stops at the first failure and says which cells were not run", async (t) => {
  const cells = [{ source: "1" }, { source: "1/0" }, { source: "3" }];
  await bench.notebook(t, cells, async (page) => {
    await page.page.locator('label:has-text("Uncaught Exceptions") input').first().uncheck();
    await page.command("runAll");
    await page.ran(1, "error");
    assert.equal(await page.cell(2).getAttribute("data-state"), null);
    assert.match(await page.output(1).innerText(), /ZeroDivisionError/);
  });
});

test("clear_output, display updates and progress bars show their last state", async (t) => {
  const source = [
    "from IPython.display import display, clear_output, update_display",
    "print('gone'); clear_output(); print('kept')",
    "h = display('first', display_id='d')",
    "for n in range(3): print(f'\\r{n * 50}%', end='', flush=True)",
    "print()",
    "update_display('second', display_id='d')",
  ].join("\n");
  await bench.notebook(t, [{ source }], async (page) => {
    await page.run(0);
    await page.ran(0);
    const text = await page.output(0).innerText();
    assert.deepEqual(text.trim().split(/\n+/), ["kept", "'second'", "100%"]);
  });
});

test("input() and a password are asked for under the cell", async (t) => {
  const source =
    "import getpass\nname = input('name? ')\nkey = getpass.getpass('key? ')\nprint(name, len(key))";
  await bench.notebook(t, [{ source }], async (page) => {
    await page.run(0);
    const form = page.cell(0).locator(".input-prompt");
    await form.filter({ hasText: "name?" }).waitFor();
    await form.locator("input[type=text]").fill("Ada");
    await page.key("Enter");
    await form.locator("input[type=password]").fill("secret");
    await page.key("Enter");
    await page.output(0).filter({ hasText: "Ada 6" }).waitFor();
  });
});

test("an interrupt ends what runs, a restart forgets it", async (t) => {
  const cells = [{ source: "x = 1\nwhile True: pass" }, { source: "print('x' in dir())" }];
  await bench.notebook(t, cells, async (page) => {
    await page.run(0);
    await page.ran(0, "running");
    await page.key("Shift+F5");
    await page.ran(0, "error");
    await page.output(0).filter({ hasText: "KeyboardInterrupt" }).waitFor();
    await page.key("Control+Shift+F5");
    await page.idle();
    await page.run(1);
    await page.output(1).filter({ hasText: "False" }).waitFor();
  });
});

test("cells are added, moved, merged, deleted and brought back by the keyboard", async (t) => {
  const cells = [{ source: "a" }, { source: "b" }, { source: "c" }];
  await bench.notebook(t, cells, async (page) => {
    const texts = (expected: readonly string[]): Promise<unknown> =>
      page.page.waitForFunction((wanted) => {
        const shown = [...document.querySelectorAll(".cell-text")].map((cell) => cell.textContent);
        return JSON.stringify(shown) === wanted;
      }, JSON.stringify(expected));
    await page.edit(0);
    await page.key("Escape");
    await page.key("Control+Shift+ArrowDown");
    await texts(["b", "a", "c"]);
    await page.key("Shift+M");
    await texts(["b", "a\nc"]);
    await page.key("X");
    await texts(["b"]);
    await page.key("Z");
    await page.key("Z");
    await texts(["b", "a", "c"]);
    await page.key("Z");
    await texts(["a", "b", "c"]);
    await page.key("B");
    await page.page.locator(".cell.editing .monaco-editor.focused").waitFor();
    await page.page.keyboard.type("new");
    await texts(["a", "b", "new", "c"]);
  });
});

test("a save writes the file, keeps what is not known, and is quiet about nothing", async (t) => {
  await bench.notebook(t, [{ source: "x = 1" }], async (page) => {
    const file: unknown = JSON.parse(await page.served.read("nb.ipynb"));
    assert.ok(typeof file === "object" && file !== null);
    await page.edit(0);
    await page.key("Control+End");
    await page.page.keyboard.type(" + 1");
    await page.page.locator(".save-state", { hasText: "unsaved changes" }).waitFor();
    await page.key("Control+S");
    await page.page.locator(".save-state", { hasText: /^\s*saved$/ }).waitFor();
    assert.equal(await page.served.read("nb.ipynb"), notebookOf([{ source: "x = 1 + 1" }]));
  });
});

test("a file that another program changed is not overwritten", async (t) => {
  await bench.notebook(t, [{ source: "mine" }], async (page) => {
    const theirs = notebookOf([{ source: "theirs" }]);
    await page.served.write("nb.ipynb", theirs);
    await page.edit(0);
    await page.page.keyboard.type("still ");
    await page.key("Control+S");
    const notice = page.page.locator(".notice", { hasText: "changed by another program" });
    await notice.waitFor();
    assert.equal(await page.served.read("nb.ipynb"), theirs);
    await notice.locator("button", { hasText: "Load it" }).click();
    await page.page.locator(".cell-text", { hasText: "theirs" }).waitFor({ state: "attached" });
    page.faults.length = 0; // the refused save is an error of the network's in the browser's console
  });
});

test("a traceback's frames lead to their cell and to the library's line", async (t) => {
  const cells = [{ source: "import json\ndef f():\n    json.loads('{')" }, { source: "f()" }];
  await bench.notebook(t, cells, async (page) => {
    await page.page
      .locator("label", { hasText: /^Uncaught/ })
      .locator("input")
      .uncheck();
    await page.run(0);
    await page.run(1);
    await page.ran(1, "error");
    const links = page.output(1).locator(".trace-link");
    await links.filter({ hasText: "Cell In[1]" }).click();
    await page.page.locator('[data-cell="c0"].selected').waitFor();
    await links.filter({ hasText: "decoder.py" }).first().click();
    await page.page.locator(".source", { hasText: "decoder.py" }).waitFor();
    await page.page.locator(".source .view-lines").filter({ hasText: "JSONDecode" }).waitFor();
  });
});
