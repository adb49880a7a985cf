// SPDX-License-Identifier: BSD-3-Clause
// Everything that the page shows, as one value.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { CellRunState, InputBody } from "../protocol/celldap.ts";
import type { Breakpoints } from "./breakpoints.ts";
import type { Cells, EditHistory } from "./edits.ts";
import type { FileFormat, Notebook } from "./notebook.ts";
import type { TreeNode } from "./tree.ts";
import {
  initialUi,
  type MemoryView,
  type OpenSource,
  type TableView,
  type Ui,
} from "./view_state.ts";

export type * from "./view_state.ts";

export interface ServerInfo {
  readonly version: string;
  readonly root: string;
  readonly open: string | null;
}

export interface FolderEntry {
  readonly name: string;
  readonly type: "file" | "folder";
  readonly size: number;
  readonly modified: number;
}

export interface Folder {
  readonly path: string;
  readonly entries: readonly FolderEntry[] | undefined;
  readonly error?: string;
}

export interface OpenFile {
  readonly path: string;
  readonly absolute: string;
  readonly format: FileFormat;
  /** The notebook's members apart from its cells. */
  readonly frame: Notebook;
  readonly cells: Cells;
  readonly history: EditHistory;
  readonly etag: string;
  /** The cells as they lie on disk. */
  readonly saved: Cells;
  readonly saving: boolean;
  /** What keeps it from being saved. */
  readonly conflict?: "changed" | "failed";
  readonly saveError?: string;
}

export type KernelPhase = "none" | "starting" | "idle" | "busy" | "stopped" | "ended";

export interface Kernel {
  readonly phase: KernelPhase;
  readonly name: string;
  readonly id?: string;
  /** The connection is away; the kernel may be well. */
  readonly lost: boolean;
  readonly trouble?: string;
  readonly capabilities: DebugProtocol.Capabilities;
}

export interface CellRun {
  readonly state: CellRunState;
  readonly since: number;
  readonly took?: number;
}

export interface Stop {
  readonly threadId: number;
  readonly reason: string;
  readonly title: string;
  readonly text?: string;
  readonly exception?: DebugProtocol.ExceptionInfoResponse["body"];
}

export interface ThreadFrames {
  readonly frames: readonly DebugProtocol.StackFrame[];
  readonly total: number;
}

export interface Debugging {
  readonly stop?: Stop;
  readonly threads: readonly DebugProtocol.Thread[];
  readonly frames: ReadonlyMap<number, ThreadFrames>;
  readonly frame?: DebugProtocol.StackFrame;
  readonly scopes: readonly TreeNode[];
  /** Values of the frame's names, for the editor's line ends. */
  readonly values: ReadonlyMap<string, string>;
  /** Grows whenever a tree of variables changed within. */
  readonly revision: number;
}

export interface Watch {
  readonly expression: string;
  readonly node?: TreeNode;
  readonly error?: string;
}

export interface ConsoleEntry {
  readonly key: number;
  readonly kind: "input" | "result" | "error" | "stdout" | "stderr" | "console" | "important";
  readonly text: string;
  readonly node?: TreeNode;
}

export interface ExceptionFilter {
  readonly filter: string;
  readonly label: string;
  readonly description: string;
  readonly takesCondition: boolean;
  readonly conditionDescription: string;
  readonly enabled: boolean;
  readonly condition: string;
}

export interface DataBreakpoint {
  readonly dataId: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly message?: string;
}

export interface State {
  readonly info: ServerInfo | undefined;
  /** The server cannot be talked to at all. */
  readonly refused: string | undefined;
  readonly folder: Folder;
  readonly file: OpenFile | undefined;
  readonly kernel: Kernel;
  readonly runs: ReadonlyMap<string, CellRun>;
  readonly queue: readonly string[];
  readonly input: InputBody | undefined;
  readonly breakpoints: Breakpoints;
  readonly filters: readonly ExceptionFilter[];
  readonly dataBreakpoints: readonly DataBreakpoint[];
  readonly debug: Debugging;
  readonly watches: readonly Watch[];
  readonly console: readonly ConsoleEntry[];
  readonly source: OpenSource | undefined;
  readonly memory: MemoryView | undefined;
  readonly table: TableView | undefined;
  readonly ui: Ui;
}

export const notDebugging: Debugging = {
  threads: [],
  frames: new Map(),
  scopes: [],
  values: new Map(),
  revision: 0,
};

export const noKernel: Kernel = { phase: "none", name: "", lost: false, capabilities: {} };

export function initialState(): State {
  return {
    info: undefined,
    refused: undefined,
    folder: { path: "", entries: undefined },
    file: undefined,
    kernel: noKernel,
    runs: new Map(),
    queue: [],
    input: undefined,
    breakpoints: [],
    filters: [],
    dataBreakpoints: [],
    debug: notDebugging,
    watches: [],
    console: [],
    source: undefined,
    memory: undefined,
    table: undefined,
    ui: initialUi,
  };
}
