// SPDX-License-Identifier: BSD-3-Clause
// package.json against what it must agree with: the bridge's options, the commands, the files.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { schemaOf } from "../../scripts/schema-of.mjs";
import { BINARY } from "../places.js";

interface Manifest {
  readonly contributes: {
    readonly debuggers: readonly {
      readonly configurationAttributes: Record<string, unknown>;
    }[];
    readonly commands: readonly { readonly command: string }[];
    readonly walkthroughs: readonly {
      readonly steps: readonly { readonly media: Record<string, string> }[];
    }[];
  };
}

const text = readFileSync("package.json", "utf8");
const manifest = JSON.parse(text) as Manifest;

test("launch.json's schema is the bridge's own table of options", () => {
  const table = execFileSync(BINARY, ["options", "--json"], {
    encoding: "utf8",
  });
  const options = JSON.parse(table) as Record<string, unknown>[];
  const attributes = manifest.contributes.debuggers[0]?.configurationAttributes;
  for (const request of ["launch", "attach"] as const) {
    assert.deepEqual(
      attributes?.[request],
      schemaOf(options, request),
      "run: npm run schema",
    );
  }
});

test("each command that is offered is registered, and the other way round", () => {
  const source = readFileSync("src/commands.ts", "utf8");
  const registered = [...source.matchAll(/register\(\s*"([^"]+)"/g)];
  assert.deepEqual(
    registered.map((match) => match[1]).sort(),
    manifest.contributes.commands.map(({ command }) => command).sort(),
  );
  const used = [...text.matchAll(/"command": "(celldap\.\w+)"/g)];
  const known = new Set(registered.map((match) => match[1]));
  assert.deepEqual(
    used.map((match) => match[1]).filter((id) => !known.has(id)),
    [],
  );
});

test("the walkthrough's files are there", () => {
  for (const { steps } of manifest.contributes.walkthroughs) {
    for (const { media } of steps) {
      const file = media["image"] ?? media["markdown"] ?? "";
      assert.ok(existsSync(file), file);
    }
  }
});
