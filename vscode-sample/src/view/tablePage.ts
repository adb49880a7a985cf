// SPDX-License-Identifier: BSD-3-Clause
// A page of rows: the Python that makes it, and the HTML that shows it.

import { isRecord } from "../dap/protocol.js";

/** Rows a page. */
export const PAGE_ROWS = 200;

/** Some rows of a table. */
export interface Page {
  readonly start: number;
  readonly total: number;
  readonly columns: readonly unknown[];
  readonly index: readonly unknown[];
  readonly rows: readonly (readonly unknown[])[];
}

const PYTHON =
  '(lambda v, a, b, j: (lambda t: __import__("base64").b64encode(j.dumps({"total": len(t), "start": a, ' +
  '"page": j.loads(t.iloc[a:b].to_json(orient="split", date_format="iso", default_handler=str))}).encode()).decode())' +
  '(v if hasattr(v, "iloc") and hasattr(v, "columns") else __import__("pandas").DataFrame(v)))';

/** Evaluates to a page, as JSON in base64 so that its repr holds nothing to escape: of a DataFrame, or what pandas makes one of. */
export function pageExpression(expression: string, start: number): string {
  const end = start + PAGE_ROWS;
  return `${PYTHON}((${expression}), ${String(start)}, ${String(end)}, __import__("json"))`;
}

/** The page in what the expression evaluated to; throws when it is none. */
export function readPage(result: unknown): Page {
  const text = typeof result === "string" ? result.replace(/^'|'$/g, "") : "";
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text, "base64").toString("utf8"));
  } catch {
    throw new Error("this variable cannot be shown as a table");
  }
  const page = isRecord(value) ? value["page"] : undefined;
  if (!isRecord(value) || !isRecord(page)) {
    throw new Error("this variable cannot be shown as a table");
  }
  const list = (of: unknown): unknown[] => (Array.isArray(of) ? of : []);
  return {
    start: Number(value["start"]),
    total: Number(value["total"]),
    columns: list(page["columns"]),
    index: list(page["index"]),
    rows: list(page["data"]).map(list),
  };
}

function escape(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.replace(/[&<>"]/g, (char) => `&#${String(char.charCodeAt(0))};`);
}

const STYLE = `
body { font-family: var(--vscode-editor-font-family); font-size: var(--vscode-editor-font-size); }
table { border-collapse: collapse; }
th, td { padding: 2px 8px; border-bottom: 1px solid var(--vscode-panel-border); white-space: pre; }
td { text-align: right; }
thead th { position: sticky; top: 0; background: var(--vscode-editor-background); }
tbody th { text-align: left; color: var(--vscode-descriptionForeground); font-weight: normal; }
button { background: var(--vscode-button-background); color: var(--vscode-button-foreground); border: 0; padding: 4px 10px; }
button:disabled { opacity: 0.5; }`;

const SCRIPT = `
const code = acquireVsCodeApi();
for (const button of document.querySelectorAll("button"))
  button.addEventListener("click", () => code.postMessage(Number(button.dataset.start)));`;

function button(label: string, start: number, enabled: boolean): string {
  return `<button data-start="${String(start)}"${enabled ? "" : " disabled"}>${label}</button>`;
}

/** The whole document. */
export function renderPage(title: string, page: Page, nonce: string): string {
  const { start, total, rows, index, columns } = page;
  const end = start + rows.length;
  const head = columns.map((c) => `<th scope="col">${escape(c)}</th>`).join("");
  const body = rows
    .map((row, i) => {
      const cells = row.map((v) => `<td>${escape(v)}</td>`).join("");
      return `<tr><th scope="row">${escape(index[i])}</th>${cells}</tr>`;
    })
    .join("\n");
  const csp = `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'`;
  const back = Math.max(0, start - PAGE_ROWS);
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title>
<meta http-equiv="Content-Security-Policy" content="${csp}"><style nonce="${nonce}">${STYLE}</style></head>
<body><p>${escape(title)}: rows ${String(start)} to ${String(end)} of ${String(total)}
${button("Previous", back, start > 0)} ${button("Next", end, end < total)}</p>
<table><thead><tr><th></th>${head}</tr></thead><tbody>
${body}
</tbody></table><script nonce="${nonce}">${SCRIPT}</script></body></html>`;
}
