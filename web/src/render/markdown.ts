// SPDX-License-Identifier: BSD-3-Clause
// Markdown as HTML that may stand in the page: rendered, then stripped of all that acts. Formulas
// are rendered by KaTeX, which is loaded when the first one comes.
import DOMPurify, { type Config } from "dompurify";
import MarkdownIt from "markdown-it";

const markdown = new MarkdownIt({ html: true, linkify: false });

const ALLOWED = {
  RETURN_DOM_FRAGMENT: true,
  FORBID_TAGS: [
    "style",
    "form",
    "input",
    "button",
    "textarea",
    "select",
    "option",
    "dialog",
    "iframe",
  ],
  FORBID_ATTR: ["style", "id", "name", "class", "popover", "autofocus", "tabindex"],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
} as const satisfies Config;

/** What attachments of a cell are called in it. */
export type Resolve = (href: string) => string | undefined;

function settle(root: DocumentFragment, resolve: Resolve): void {
  for (const link of root.querySelectorAll("a[href]")) {
    link.setAttribute("target", "_blank");
    link.setAttribute("rel", "noopener noreferrer");
  }
  for (const image of root.querySelectorAll("img[src]")) {
    const src = image.getAttribute("src") ?? "";
    const known = resolve(src);
    if (known !== undefined) {
      image.setAttribute("src", known);
    } else if (!src.startsWith("data:")) {
      // nothing is fetched from elsewhere: the picture says where it would be
      image.replaceWith(`[${image.getAttribute("alt") ?? ""}: ${src}]`);
    }
  }
}

const MATH =
  /\$\$[\s\S]+?\$\$|\$(?!\s)(?:\\.|[^$\\\n])+?(?<!\s)\$(?!\d)|\\begin\{[\s\S]+?\\end\{\w+\*?\}/g;

/** Formulas are taken out first, so that markdown does not read their underscores. */
function takeMath(source: string): { text: string; formulas: readonly string[] } {
  const formulas: string[] = [];
  const parts = source.split(/(```[\s\S]*?```|`[^`\n]+`)/);
  const text = parts
    .map((part, index) =>
      index % 2 === 1
        ? part
        : part.replace(MATH, (formula) => `\uE000${formulas.push(formula) - 1}\uE001`),
    )
    .join("");
  return { text, formulas };
}

function fragment(html: string): DocumentFragment {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

/** Only where text stands: in an attribute a formula stays as it was written. */
async function putMath(root: DocumentFragment, formulas: readonly string[]): Promise<void> {
  if (formulas.length === 0) {
    return;
  }
  const { renderFormula } = await import("./math.ts");
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    if (node instanceof Text && node.data.includes("\uE000")) {
      texts.push(node);
    }
  }
  for (const node of texts) {
    const parts = node.data.split(/\uE000(\d+)\uE001/);
    // what KaTeX makes is trusted: it is configured not to follow \href and the like
    const nodes = parts.map((part, index) =>
      index % 2 === 0 ? part : fragment(renderFormula(formulas[Number(part)] ?? "")),
    );
    node.replaceWith(...nodes);
  }
}

/** Handlers are no attributes before the parser sees them: it would ask the page's policy for each. */
function withoutHandlers(html: string): string {
  return html.replace(/<[^>]*>/g, (tag) => tag.replace(/([\s"'/])on(?=\w+\s*=)/gi, "$1data-on"));
}

/** The nodes to show; safe whatever the source says. */
export async function renderMarkdown(source: string, resolve: Resolve): Promise<DocumentFragment> {
  const { text, formulas } = takeMath(source);
  const root = DOMPurify.sanitize(withoutHandlers(markdown.render(text)), ALLOWED);
  await putMath(root, formulas);
  settle(root, resolve);
  return root;
}

/** A formula alone, as text/latex has it. */
export async function renderLatex(source: string): Promise<DocumentFragment> {
  const { renderFormula } = await import("./math.ts");
  return fragment(renderFormula(/^\s*(\$|\\begin)/.test(source) ? source : `$$${source}$$`));
}
