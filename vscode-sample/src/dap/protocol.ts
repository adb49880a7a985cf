// SPDX-License-Identifier: BSD-3-Clause
// The celldap/* requests and events (docs/protocol.md): types, and the guards that make them of unknown.

/** How a client introduces itself in initialize, launch or attach. */
export const DECLARATION = {
  version: 1,
  events: ["cellOutput", "cellState", "input"],
} as const;

/** A cell as the bridge names it. */
export interface CellName {
  readonly index: number;
  readonly id: string;
  readonly uri?: string;
}

/** celldap/cell: the client's URI of a cell, and its text now. */
export interface CellAnnouncement {
  readonly uri: string;
  readonly index: number;
  readonly id: string;
  readonly code: string;
}

/** Arguments and reply body of each. */
export interface CelldapRequests {
  "celldap/cell": [CellAnnouncement, { cell: CellName }];
  "celldap/runCell": [{ uri: string }, { cell: CellName }];
  "celldap/interrupt": [undefined, unknown];
  "celldap/restartKernel": [undefined, unknown];
  "celldap/input": [{ value: string }, unknown];
}

/** celldap/cellOutput: one output message of Jupyter's, as the kernel sent it. */
export interface CellOutput {
  readonly cell: CellName;
  readonly msgType: string;
  readonly content: Readonly<Record<string, unknown>>;
}

/** celldap/cellState. */
export interface CellState {
  readonly cell: CellName;
  readonly state: "queued" | "running" | "ok" | "error" | "cancelled";
  readonly executionCount?: number;
}

/** celldap/input: an input() waits. */
export interface InputWaits {
  readonly prompt: string;
  readonly password: boolean;
}

/** Whether it is an object with members. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCell(value: unknown): value is CellName {
  return isRecord(value) && typeof value["id"] === "string";
}

/** Guard of celldap/cellOutput's body. */
export function isCellOutput(body: unknown): body is CellOutput {
  return (
    isRecord(body) &&
    isCell(body["cell"]) &&
    typeof body["msgType"] === "string" &&
    isRecord(body["content"])
  );
}

/** Guard of celldap/cellState's body. */
export function isCellState(body: unknown): body is CellState {
  return (
    isRecord(body) && isCell(body["cell"]) && typeof body["state"] === "string"
  );
}

/** Guard of celldap/input's body. */
export function isInputWaits(body: unknown): body is InputWaits {
  return (
    isRecord(body) &&
    typeof body["prompt"] === "string" &&
    typeof body["password"] === "boolean"
  );
}

/** The kernel's connection file in a process event, for a second session. */
export function connectionFileOf(processBody: unknown): string | undefined {
  const celldap = isRecord(processBody) ? processBody["celldap"] : undefined;
  const file = isRecord(celldap) ? celldap["connectionFile"] : undefined;
  return typeof file === "string" ? file : undefined;
}
