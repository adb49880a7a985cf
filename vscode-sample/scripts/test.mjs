// SPDX-License-Identifier: BSD-3-Clause
// Bundles the tests and runs them: `node scripts/test.mjs [part of a file's name…]`.

import { spawn } from "node:child_process";
import { globSync, rmSync } from "node:fs";

import { build } from "esbuild";

const wanted = process.argv.slice(2);
const tests = globSync("test/**/*.test.ts").filter(
  (file) => wanted.length === 0 || wanted.some((part) => file.includes(part)),
);
rmSync("dist/test", { recursive: true, force: true });
await build({
  entryPoints: tests,
  outdir: "dist/test",
  outbase: "test",
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node22",
  packages: "external",
  sourcemap: "inline",
  logLevel: "warning",
});
const files = tests.map((file) =>
  file.replace(/^test/, "dist/test").replace(/\.ts$/, ".mjs"),
);
const reporter = process.env.CELLDAP_TAP === "1" ? "tap" : "spec";
const run = spawn(
  process.execPath,
  [
    "--enable-source-maps",
    "--test",
    "--test-force-exit",
    "--test-concurrency=2",
    `--test-reporter=${reporter}`,
    ...files,
  ],
  { stdio: "inherit" },
);
run.once("exit", (code) => {
  process.exitCode = code ?? 1;
});
