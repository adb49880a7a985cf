// SPDX-License-Identifier: BSD-3-Clause
// Formulas by KaTeX; a part of its own, so that only who has formulas loads it.
import katex from "katex";
import "katex/dist/katex.css";

/** HTML of `$…$`, `$$…$$` or an environment; a formula that is wrong shows its text and why. */
export function renderFormula(formula: string): string {
  const displayMode = formula.startsWith("$$") || formula.startsWith("\\begin");
  const body = formula.startsWith("\\begin") ? formula : formula.replace(/^\$+|\$+$/g, "");
  return katex.renderToString(body, {
    displayMode,
    throwOnError: false,
    trust: false,
    strict: "ignore",
    maxExpand: 1000,
    maxSize: 50,
  });
}
