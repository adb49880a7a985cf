// SPDX-License-Identifier: BSD-3-Clause
// Writes the schema of launch.json into package.json: `npm run schema`, after the bridge has changed.

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

import { schemaOf } from "./schema-of.mjs";

const binary = process.env.CELLDAP_BUILD
  ? `${process.env.CELLDAP_BUILD}/bin/celldap`
  : "../build/bin/celldap";
const options = JSON.parse(
  execFileSync(binary, ["options", "--json"], { encoding: "utf8" }),
);
const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const [debugger_] = manifest.contributes.debuggers;
for (const request of ["launch", "attach"]) {
  debugger_.configurationAttributes[request] = schemaOf(options, request);
}
writeFileSync("package.json", `${JSON.stringify(manifest, null, 2)}\n`);
