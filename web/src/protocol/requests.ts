// SPDX-License-Identifier: BSD-3-Clause
// Which arguments a request takes and what it answers, by its name.
import type { DebugProtocol as P } from "@vscode/debugprotocol";
import type * as C from "./celldap.ts";

interface Row<Arguments, Body> {
  readonly arguments: Arguments;
  readonly body: Body;
}

export interface Launch {
  program: string;
  cells: readonly number[];
  python?: string;
  kernel?: string;
  notebook?: boolean;
  justMyCode: boolean;
  showReturnValue: boolean;
}

export interface Attach {
  connectionFile: string;
  program: string;
  justMyCode: boolean;
  showReturnValue: boolean;
}

type Nothing = Record<string, never>;
type Initialize = P.InitializeRequestArguments & { celldap: typeof C.declaration };

/** Requests whose answer has nothing in it that the page reads. */
interface Silent {
  launch: Row<Launch, unknown>;
  attach: Row<Attach, unknown>;
  configurationDone: Row<Nothing, unknown>;
  disconnect: Row<P.DisconnectArguments, unknown>;
  cancel: Row<P.CancelArguments, unknown>;
  pause: Row<P.PauseArguments, unknown>;
  next: Row<P.NextArguments, unknown>;
  stepIn: Row<P.StepInArguments, unknown>;
  stepOut: Row<P.StepOutArguments, unknown>;
  goto: Row<P.GotoArguments, unknown>;
  restartFrame: Row<P.RestartFrameArguments, unknown>;
  "celldap/cell": Row<C.CellArguments, unknown>;
  "celldap/runCell": Row<C.RunCellArguments, unknown>;
  "celldap/interrupt": Row<Nothing, unknown>;
  "celldap/restartKernel": Row<Nothing, unknown>;
  "celldap/input": Row<{ value: string }, unknown>;
}

export interface Requests extends Silent {
  initialize: Row<Initialize, P.Capabilities>;
  "celldap/cells": Row<Nothing, { notebook?: string; cells: C.KnownCell[] }>;
  continue: Row<P.ContinueArguments, P.ContinueResponse["body"]>;
  threads: Row<Nothing, P.ThreadsResponse["body"]>;
  stackTrace: Row<P.StackTraceArguments, P.StackTraceResponse["body"]>;
  scopes: Row<P.ScopesArguments, P.ScopesResponse["body"]>;
  variables: Row<P.VariablesArguments, P.VariablesResponse["body"]>;
  setVariable: Row<P.SetVariableArguments, P.SetVariableResponse["body"]>;
  setExpression: Row<P.SetExpressionArguments, P.SetExpressionResponse["body"]>;
  evaluate: Row<P.EvaluateArguments, P.EvaluateResponse["body"]>;
  completions: Row<P.CompletionsArguments, P.CompletionsResponse["body"]>;
  exceptionInfo: Row<P.ExceptionInfoArguments, P.ExceptionInfoResponse["body"]>;
  source: Row<P.SourceArguments, P.SourceResponse["body"]>;
  loadedSources: Row<Nothing, P.LoadedSourcesResponse["body"]>;
  modules: Row<P.ModulesArguments, P.ModulesResponse["body"]>;
  setBreakpoints: Row<P.SetBreakpointsArguments, P.SetBreakpointsResponse["body"]>;
  setExceptionBreakpoints: Row<P.SetExceptionBreakpointsArguments, unknown>;
  setDataBreakpoints: Row<P.SetDataBreakpointsArguments, P.SetDataBreakpointsResponse["body"]>;
  dataBreakpointInfo: Row<P.DataBreakpointInfoArguments, P.DataBreakpointInfoResponse["body"]>;
  breakpointLocations: Row<P.BreakpointLocationsArguments, P.BreakpointLocationsResponse["body"]>;
  stepInTargets: Row<P.StepInTargetsArguments, P.StepInTargetsResponse["body"]>;
  gotoTargets: Row<P.GotoTargetsArguments, P.GotoTargetsResponse["body"]>;
  readMemory: Row<P.ReadMemoryArguments, P.ReadMemoryResponse["body"]>;
  writeMemory: Row<P.WriteMemoryArguments, P.WriteMemoryResponse["body"]>;
}

export type Command = keyof Requests;

export interface Events {
  initialized: unknown;
  stopped: P.StoppedEvent["body"];
  continued: P.ContinuedEvent["body"];
  thread: P.ThreadEvent["body"];
  output: P.OutputEvent["body"];
  breakpoint: P.BreakpointEvent["body"];
  capabilities: P.CapabilitiesEvent["body"];
  invalidated: P.InvalidatedEvent["body"];
  terminated: P.TerminatedEvent["body"];
  exited: P.ExitedEvent["body"];
  "celldap/cellOutput": C.CellOutputBody;
  "celldap/cellState": C.CellStateBody;
  "celldap/input": C.InputBody;
}

export type EventName = keyof Events;
