// SPDX-License-Identifier: BSD-3-Clause
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { test } from "node:test";
import * as edits from "../../src/model/edits.ts";
import { emptyNotebook, parseNotebook, writeNotebook } from "../../src/model/notebook.ts";
import { parsePython, writePython } from "../../src/model/percent.ts";

const EXAMPLES = resolve(import.meta.dirname, "../../../docs/examples");

for (const name of ["hello.ipynb", "penguins.ipynb"]) {
  test(`${name} is written back byte for byte`, async () => {
    const content = await readFile(resolve(EXAMPLES, name), "utf8");
    assert.equal(writeNotebook(parseNotebook(content)), content);
  });
}

test("what is not understood is kept", () => {
  const cell = {
    cell_type: "code",
    execution_count: 3,
    id: "x",
    metadata: { tags: ["a"], mine: { deep: [1, { b: null }] } },
    novel: true,
    outputs: [{ name: "stdout", output_type: "stream", text: ["a\n", "b"] }],
    source: ["x = 1\n", "y"],
  };
  const file = { cells: [cell], metadata: { other: 1 }, nbformat: 4, nbformat_minor: 5, extra: {} };
  assert.deepEqual(JSON.parse(writeNotebook(parseNotebook(JSON.stringify(file)))), file);
});

test("cells without an id get one that is not written", () => {
  const cell = { cell_type: "markdown", metadata: {}, source: "# hi" };
  const file = { cells: [cell, cell], metadata: {}, nbformat: 4, nbformat_minor: 4 };
  const notebook = parseNotebook(JSON.stringify(file));
  assert.deepEqual(
    notebook.cells.map(({ id }) => id),
    ["idx-0", "idx-1"],
  );
  assert.ok(!writeNotebook(notebook).includes("idx-"));
});

test("a file that is no notebook says why", () => {
  assert.throws(() => parseNotebook("{"), /it is not JSON/);
  assert.throws(() => parseNotebook("[]"), /no list of cells/);
});

const SCRIPT = `import os

# %% first
x = 1

# %% [markdown]
# # Title
#
# words
# %%
# %time x
y = 2
`;

test("a percent file has its cells and is written back byte for byte", () => {
  const notebook = parsePython(SCRIPT);
  assert.deepEqual(
    notebook.cells.map(({ type, source }) => [type, source]),
    [
      ["code", "import os"],
      ["code", "x = 1"],
      ["markdown", "# Title\n\nwords"],
      ["code", "# %time x\ny = 2"],
    ],
  );
  assert.equal(writePython(notebook), SCRIPT);
  for (const odd of ["", "x", "x\n\n\n", "# %%", "# %%\n\n\n# %%\n\nx"]) {
    assert.equal(writePython(parsePython(odd)), odd);
  }
});

test("cells that are added to a percent file get markers", () => {
  const notebook = parsePython("# %%\nx = 1\n");
  const cells = [...notebook.cells, edits.newCell("markdown", "# T"), edits.newCell("code", "y")];
  assert.equal(
    writePython({ ...notebook, cells }),
    "# %%\nx = 1\n\n# %% [markdown]\n# # T\n\n# %%\ny\n",
  );
});

test("splitting and merging are each other's way back", () => {
  const cells = [edits.newCell("code", "a = 1\nb = 2\nc = 3")];
  const [cell] = cells;
  assert.ok(cell);
  const two = edits.split(cells, cell.id, 6);
  assert.deepEqual(
    two.map(({ source }) => source),
    ["a = 1", "b = 2\nc = 3"],
  );
  assert.deepEqual(
    edits.mergeBelow(two, cell.id).map(({ source }) => source),
    ["a = 1\nb = 2\nc = 3"],
  );
});

test("undo brings a deleted cell back and keeps what was typed since", () => {
  const { cells } = { cells: [edits.newCell("code", "a"), edits.newCell("code", "b")] };
  const [first, second] = cells;
  assert.ok(first && second);
  const after = edits.remove(cells, second.id);
  const history = edits.remember(edits.noHistory, cells, after);
  const typed = edits.change(after, first.id, { source: "a typed" });
  const undone = edits.undo(typed, history);
  assert.deepEqual(
    undone.cells.map(({ source }) => source),
    ["a typed", "b"],
  );
  const redone = edits.redo(undone.cells, undone.history);
  assert.deepEqual(
    redone.cells.map(({ source }) => source),
    ["a typed"],
  );
});

test("a notebook never loses its last cell, and moves stop at its ends", () => {
  const { cells } = emptyNotebook();
  const [cell] = cells;
  assert.ok(cell);
  assert.equal(edits.remove(cells, cell.id).length, 1);
  assert.equal(edits.move(cells, cell.id, 1), cells);
  assert.equal(edits.move(cells, cell.id, -1), cells);
});
