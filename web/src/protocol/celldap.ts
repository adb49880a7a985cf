// SPDX-License-Identifier: BSD-3-Clause
// celldap's own requests and events: docs/protocol.md.

export interface CellName {
  readonly index: number;
  readonly id: string;
  readonly uri?: string;
}

export type CellRunState = "queued" | "running" | "ok" | "error" | "cancelled";

/** One cell that the session knows, with what it put out since the kernel started. */
export interface KnownCell extends CellName {
  readonly code: string;
  readonly outputs?: readonly unknown[];
  readonly state?: CellRunState;
  readonly executionCount?: number;
}

export interface CellArguments {
  uri: string;
  notebook: string;
  index: number;
  id: string;
  code: string;
}

export interface RunCellArguments {
  uri: string;
  code: string;
}

export interface CellOutputBody {
  readonly cell: CellName;
  readonly msgType: string;
  readonly content: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface CellStateBody {
  readonly cell: CellName;
  readonly state: CellRunState;
  readonly executionCount?: number;
}

export interface InputBody {
  readonly prompt: string;
  readonly password: boolean;
}

/** The member of initialize's arguments that makes the bridge send our events. */
export const declaration = {
  version: 1,
  events: ["cellOutput", "cellState", "input"],
} as const;
