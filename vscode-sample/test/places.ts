// SPDX-License-Identifier: BSD-3-Clause
// Where the tests find things. They run from the folder of the extension.

import { join, resolve } from "node:path";

export const SAMPLE = process.cwd();
export const ROOT = resolve(SAMPLE, "..");
export const BUILD = process.env["CELLDAP_BUILD"] ?? join(ROOT, "build");
export const BINARY = join(BUILD, "bin/celldap");
export const PYTHON =
  process.env["CELLDAP_TEST_PYTHON"] ?? join(ROOT, "build/venv/bin/python");
export const CODE_SERVER =
  process.env["CELLDAP_CODE_SERVER"] ?? join(ROOT, "build/code-server");
export const VSIX = join(SAMPLE, "dist/celldap.vsix");
/** A folder for pictures; none: no pictures. */
export const PICTURES = process.env["CELLDAP_PICTURES"];
