// SPDX-License-Identifier: BSD-3-Clause
// Filling the trees of variables: a page of children at a time, and open nodes again after a stop.
import type { DebugProtocol } from "@vscode/debugprotocol";
import {
  childNode,
  type Children,
  indexedCount,
  openChildren,
  PAGE,
  type TreeNode,
} from "../model/tree.ts";
import { type App, changeDebug, sessionOf, wordsOf } from "./app.ts";

function grown(app: App): void {
  changeDebug(app, { revision: app.store.get().debug.revision + 1 });
}

async function fetchAll(app: App, node: TreeNode, children: Children): Promise<void> {
  const { variablesReference } = node.variable;
  const { variables } = await sessionOf(app).request("variables", { variablesReference });
  variables.forEach((variable, index) => children.nodes.set(index, childNode(node, variable)));
  children.total = variables.length;
}

/** The named children of a paged node come first, then its items. */
async function fetchPage(
  app: App,
  node: TreeNode,
  children: Children,
  page: number,
): Promise<void> {
  const { variablesReference, namedVariables = 0 } = node.variable;
  const client = sessionOf(app);
  if (page < 0) {
    const named = await client.request("variables", { variablesReference, filter: "named" });
    place(node, children, named.variables.slice(0, namedVariables), 0);
    return;
  }
  const start = page * PAGE;
  const count = Math.min(PAGE, indexedCount(node.variable) - start);
  const args: DebugProtocol.VariablesArguments = {
    variablesReference,
    filter: "indexed",
    start,
    count,
  };
  place(
    node,
    children,
    (await client.request("variables", args)).variables,
    namedVariables + start,
  );
}

function place(
  node: TreeNode,
  children: Children,
  variables: readonly DebugProtocol.Variable[],
  first: number,
): void {
  variables.forEach((variable, index) =>
    children.nodes.set(first + index, childNode(node, variable)),
  );
}

/** Fetches what child number `index` needs to be shown; once. */
export async function load(app: App, node: TreeNode, index: number): Promise<void> {
  const { children } = node;
  if (children === undefined) {
    return;
  }
  const named = node.variable.namedVariables ?? 0;
  const page = !children.paged ? 0 : index < named ? -1 : Math.floor((index - named) / PAGE);
  if (children.asked.has(page)) {
    return;
  }
  children.asked.add(page);
  try {
    await (children.paged ? fetchPage(app, node, children, page) : fetchAll(app, node, children));
  } catch (error) {
    children.error = wordsOf(error);
  }
  grown(app);
}

/** Opens a node and whatever was open below it before. */
export async function open(app: App, node: TreeNode): Promise<void> {
  node.children ??= openChildren(node.variable);
  app.openPaths.add(node.path);
  await load(app, node, 0);
  const below = [...node.children.nodes.values()].filter((child) => isOpenAgain(app, child));
  await Promise.all(below.map((child) => open(app, child)));
}

function isOpenAgain(app: App, node: TreeNode): boolean {
  return node.variable.variablesReference > 0 && app.openPaths.has(node.path);
}

export function close(app: App, node: TreeNode): void {
  node.children = undefined;
  app.openPaths.delete(node.path);
  grown(app);
}

export function toggle(app: App, node: TreeNode): Promise<void> {
  if (node.children !== undefined) {
    close(app, node);
    return Promise.resolve();
  }
  return open(app, node);
}

/** A lazy value (a property) is computed when it is asked for. */
export async function resolveLazy(app: App, node: TreeNode): Promise<TreeNode> {
  const { variablesReference } = node.variable;
  const { variables } = await sessionOf(app).request("variables", { variablesReference });
  const value = variables[0];
  return value === undefined ? node : { ...node, variable: { ...value, name: node.variable.name } };
}

/** Replaces a child by what it has become. */
export function replaceChild(app: App, parent: TreeNode, old: TreeNode, now: TreeNode): void {
  for (const [index, child] of parent.children?.nodes ?? []) {
    if (child === old) {
      parent.children?.nodes.set(index, now);
    }
  }
  grown(app);
}

export async function setValue(app: App, node: TreeNode, value: string): Promise<void> {
  await sessionOf(app).request("setVariable", {
    variablesReference: node.parentReference,
    name: node.variable.name,
    value,
  });
}
