// SPDX-License-Identifier: BSD-3-Clause
// Python files and kernels of other clients in a real VS Code.

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";

import { BUILD, PYTHON } from "../places.js";
import { file, notebook } from "./fixtures.js";
import { Session } from "./session.js";

const PROGRAM =
  "def total(n):\n    result = 0\n    for i in range(n):\n        result += i\n    return result\n\nprint('total', total(4))\n";
const CELL = "left = 3\nright = left * 2\nprint('product', right)";

let vscode: Session;
let jupyter: ChildProcess | undefined;

before(async () => {
  vscode = await Session.start((folder) => {
    file(folder, "program.py", PROGRAM);
    notebook(folder, "theirs.ipynb", [CELL]);
  });
});

after(async () => {
  if (jupyter) {
    jupyter.stdin?.end();
    await once(jupyter, "exit");
  }
  await vscode.stop();
});

/** Until the client has printed this. */
function printed(child: ChildProcess, text: string): Promise<void> {
  return new Promise((done, fail) => {
    let said = "";
    child.stdout?.on("data", (bytes: Buffer) => {
      said += bytes.toString();
      if (said.includes(text)) {
        done();
      }
    });
    child.once("exit", (code) => {
      fail(new Error(`the Jupyter client ended (${String(code)}): ${said}`));
    });
  });
}

test("a Python file is debugged without a launch.json", async (t) => {
  const { debug, workbench } = vscode;
  const { page } = workbench;
  await vscode.step(t, "a .py stops at its breakpoint", async () => {
    await workbench.openFile("program.py");
    await workbench.fileBreakpoint(4);
    await workbench.command("Debug: Start Debugging");
    await debug.stoppedAt("total", 4);
    await debug.variable("n", "4");
  });
  await vscode.step(t, "it steps and ends", async () => {
    await debug.click("step-over");
    await debug.stoppedAt("total", 3);
    await page.locator(".editor-instance .codicon-debug-breakpoint").click();
    await debug.click("continue");
    await debug.ended();
  });
});

test("a kernel that a Jupyter client started stops here", async (t) => {
  const { notebook: nb, debug, workbench } = vscode;
  jupyter = spawn(PYTHON, [resolve("test/e2e/jupyterClient.py"), CELL], {
    env: { ...vscode.server.env, JUPYTER_PATH: join(BUILD, "share/jupyter") },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const client = jupyter;
  await printed(client, "ready");
  await vscode.step(t, "attach to running kernel", async () => {
    await workbench.openEditor("theirs.ipynb");
    await nb.breakpoint(0, 2);
    await workbench.command("celldap: Attach to Running Kernel");
    await workbench.pick("celldap");
    await workbench.page.locator(".debug-toolbar").waitFor();
    await nb.verified(0);
  });
  await vscode.step(t, "their run stops in our cell", async () => {
    const output = printed(client, "product 6");
    client.stdin?.write("run\n");
    await debug.stoppedAt("<module>", 2);
    await nb.stoppedIn(0);
    await debug.variable("left", "3");
    await debug.click("disconnect");
    await output;
  });
});

test("a notebook that is open is debugged in its own kernel", async (t) => {
  const { notebook: nb, debug, workbench } = vscode;
  await vscode.step(t, "start debugging runs all cells", async () => {
    await debug.ended();
    await workbench.command("Debug: Start Debugging");
    await debug.stoppedAt("<module>", 2);
    await debug.click("continue");
    await nb.ran(0, 1);
    await nb.output("product 6");
  });
  await vscode.step(t, "Run Cell to Cursor", async () => {
    await nb.clear(0);
    await nb.cursor(0, 3);
    await workbench.command("celldap: Run Cell to Cursor");
    await debug.stoppedAt("<module>", 3);
    await nb.dot(0).first().waitFor({ state: "detached" });
    await debug.click("continue");
    await nb.ran(0, 2);
  });
  await vscode.step(t, "a notebook without a file runs too", async () => {
    await workbench.command("Create: New Jupyter Notebook");
    await workbench.tab("Untitled").waitFor();
    await nb.write(0, "print('un' + 'saved')");
    await nb.run(0);
    await nb.ran(0, 1);
    await nb.output("unsaved");
  });
});
