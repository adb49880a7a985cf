// SPDX-License-Identifier: BSD-3-Clause
// A tree of variables that never makes a row which is not looked at: an open list of a million
// items is a number and the pages that were seen. Nodes are known by their path, so that what was
// open stays open at the next stop.
import type { DebugProtocol } from "@vscode/debugprotocol";

export const PAGE = 100;

export interface TreeNode {
  readonly path: string;
  readonly depth: number;
  readonly variable: DebugProtocol.Variable;
  /** The reference that its parent had: setVariable's. */
  readonly parentReference: number;
  /** Undefined: closed. */
  children: Children | undefined;
}

export interface Children {
  /** How many there are; undefined until the first page came. */
  total: number | undefined;
  readonly paged: boolean;
  readonly nodes: Map<number, TreeNode>;
  readonly asked: Set<number>;
  error?: string;
}

/** A line of the tree: a node, or one that is still to come. */
export type Row =
  | { readonly kind: "node"; readonly node: TreeNode }
  | { readonly kind: "loading"; readonly parent: TreeNode; readonly index: number }
  | { readonly kind: "error"; readonly parent: TreeNode; readonly text: string };

/** How many children are fetched by pages; 0: all at once. */
export function indexedCount(variable: DebugProtocol.Variable): number {
  const indexed = variable.indexedVariables ?? 0;
  return indexed > PAGE ? indexed : 0;
}

export function rootNode(variable: DebugProtocol.Variable, path: string): TreeNode {
  return { path, depth: 0, variable, parentReference: 0, children: undefined };
}

export function childNode(parent: TreeNode, variable: DebugProtocol.Variable): TreeNode {
  const path = `${parent.path}/${variable.name}`;
  const parentReference = parent.variable.variablesReference;
  return { path, depth: parent.depth + 1, variable, parentReference, children: undefined };
}

export function openChildren(variable: DebugProtocol.Variable): Children {
  const indexed = indexedCount(variable);
  const named = variable.namedVariables ?? 0;
  return {
    total: indexed > 0 ? indexed + named : undefined,
    paged: indexed > 0,
    nodes: new Map(),
    asked: new Set(),
  };
}

function shownTotal(children: Children): number {
  return children.error === undefined ? (children.total ?? 1) : 1;
}

/** How many lines a node and what is open below it take. */
export function rowCount(node: TreeNode): number {
  if (node.children === undefined) {
    return 1;
  }
  let count = 1 + shownTotal(node.children);
  for (const child of node.children.nodes.values()) {
    count += child.children === undefined ? 0 : rowCount(child) - 1;
  }
  return count;
}

function openOnes(children: Children): [number, TreeNode][] {
  return [...children.nodes]
    .filter(([, child]) => child.children !== undefined)
    .sort(([a], [b]) => a - b);
}

function missing(parent: TreeNode, children: Children, index: number): Row {
  return children.error === undefined
    ? { kind: "loading", parent, index }
    : { kind: "error", parent, text: children.error };
}

/** Line number `at` (from 0) of a node and what is below it. */
export function rowAt(node: TreeNode, at: number): Row | undefined {
  if (at === 0) {
    return { kind: "node", node };
  }
  const { children } = node;
  if (children === undefined) {
    return undefined;
  }
  let offset = 1; // where the child with index 0 would be, plus what is open above
  for (const [index, child] of openOnes(children)) {
    const begin = offset + index;
    if (at < begin) {
      break;
    }
    const count = rowCount(child);
    if (at < begin + count) {
      return rowAt(child, at - begin);
    }
    offset += count - 1;
  }
  const index = at - offset;
  if (index < 0 || index >= shownTotal(children)) {
    return undefined;
  }
  const child = children.nodes.get(index);
  return child === undefined ? missing(node, children, index) : { kind: "node", node: child };
}

/** The same over several roots. */
export function rowsTotal(roots: readonly TreeNode[]): number {
  return roots.reduce((sum, root) => sum + rowCount(root), 0);
}

export function rowOf(roots: readonly TreeNode[], at: number): Row | undefined {
  let left = at;
  for (const root of roots) {
    const count = rowCount(root);
    if (left < count) {
      return rowAt(root, left);
    }
    left -= count;
  }
  return undefined;
}
