// SPDX-License-Identifier: BSD-3-Clause
// From the bridge's own table of options (`celldap options --json`) to package.json's schema.

/** Keys that this extension reads itself. */
const OWN = {
  adapter: {
    type: "string",
    description:
      "An adapter that listens already, HOST:PORT or the absolute path of a pipe; left out: the program celldap is started",
  },
};
/** VS Code has a schema for these. */
const EDITORS = new Set(["type"]);

/** @param {Record<string, unknown>} option */
function property(option) {
  const types = option.types.length === 1 ? option.types[0] : option.types;
  const values = option.values && {
    enum: option.types[0] === "object" ? undefined : option.values,
    additionalProperties:
      option.types[0] === "object" ? { enum: option.values } : undefined,
  };
  const of = option.items?.length === 1 ? option.items[0] : option.items;
  return JSON.parse(
    JSON.stringify({
      type: types,
      description: option.description,
      default: option.default,
      items: of && option.types.includes("array") ? { type: of } : undefined,
      additionalProperties:
        of && option.types[0] === "object" ? { type: of } : undefined,
      deprecationMessage: option.supported ? undefined : option.description,
      ...values,
    }),
  );
}

/**
 * configurationAttributes of one request.
 * @param {Record<string, unknown>[]} options
 * @param {"launch" | "attach"} request
 */
export function schemaOf(options, request) {
  const rows = options.filter(
    (option) => option[request] && !EDITORS.has(option.name),
  );
  return {
    properties: {
      ...OWN,
      ...Object.fromEntries(rows.map((row) => [row.name, property(row)])),
    },
  };
}
