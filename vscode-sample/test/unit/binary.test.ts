// SPDX-License-Identifier: BSD-3-Clause

import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { checkBinary, findBinary, NEEDED } from "../../src/binary.js";
import { BINARY } from "../places.js";

const folder = mkdtempSync(join(tmpdir(), "celldap-binary-"));
after(() => {
  rmSync(folder, { recursive: true });
});

function program(path: string, says: string): string {
  const file = join(folder, path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho '${says}'\n`);
  chmodSync(file, 0o755);
  return file;
}

test("the setting is before PATH, PATH before a build tree", () => {
  const set = program("set/celldap", "");
  const onPath = program("bin/celldap", "");
  const built = program("tree/build/bin/celldap", "");
  const path = `${join(folder, "none")}:${join(folder, "bin")}`;
  const checkouts = [join(folder, "tree")];
  assert.equal(findBinary({ setting: set, path, checkouts }), set);
  assert.equal(findBinary({ setting: "", path, checkouts }), onPath);
  assert.equal(findBinary({ setting: "", path: "", checkouts }), built);
});

test("a missing program says what to do", () => {
  assert.throws(
    () => findBinary({ setting: "", path: folder, checkouts: [] }),
    /not found on PATH.*'\.\/dev build'.*celldap\.path/,
  );
  assert.throws(
    () => findBinary({ setting: folder, path: "", checkouts: [] }),
    /celldap\.path is '.*', which is no program/,
  );
});

test("an old program, and what is not celldap, say what to do", async () => {
  assert.match(await checkBinary(BINARY), /^\d+\.\d+/);
  await assert.rejects(
    checkBinary(program("old", "celldap 2025.1.0")),
    new RegExp(`is celldap 2025.1.0; this extension needs ${NEEDED}`),
  );
  await assert.rejects(
    checkBinary(program("other", "GNU ls")),
    /is not celldap: it says 'GNU ls'/,
  );
  await assert.rejects(checkBinary(join(folder, "gone")), /does not run/);
});
