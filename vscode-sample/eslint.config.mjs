// SPDX-License-Identifier: BSD-3-Clause
// typescript-eslint's strict rules with types, and the house's sizes.

import js from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist/", "node_modules/"] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "max-lines": ["error", 200],
      "max-lines-per-function": ["error", 40],
      "@typescript-eslint/dot-notation": "off", // tsc's noPropertyAccessFromIndexSignature wants brackets
      "no-console": "error",
    },
  },
  {
    files: ["test/**"],
    rules: {
      "max-lines-per-function": "off", // a test of a session is a list of its steps
      "@typescript-eslint/no-floating-promises": [
        "error",
        {
          allowForKnownSafeCalls: [
            {
              from: "package",
              package: "node:test",
              name: ["test", "before", "after"],
            },
          ],
        },
      ],
    },
  },
  {
    files: ["**/*.mjs"],
    ...tseslint.configs.disableTypeChecked,
    languageOptions: { globals: { process: "readonly", console: "readonly" } },
  },
);
