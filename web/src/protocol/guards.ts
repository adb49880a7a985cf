// SPDX-License-Identifier: BSD-3-Clause
// From `unknown` to a type, by looking. A body is believed by the name of its request: the bridge's
// own tests hold every message to the schema.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Command, EventName, Events, Requests } from "./requests.ts";

export type Json = Readonly<Record<string, unknown>>;

export function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

export function isResponse(value: unknown): value is DebugProtocol.Response {
  return (
    isJson(value) &&
    value["type"] === "response" &&
    typeof value["request_seq"] === "number" &&
    typeof value["success"] === "boolean"
  );
}

export function isEvent(value: unknown): value is DebugProtocol.Event {
  return isJson(value) && value["type"] === "event" && typeof value["event"] === "string";
}

export function isBodyOf<C extends Command>(
  _command: C,
  _body: unknown,
): _body is Requests[C]["body"] {
  return true;
}

export function isEventBody<E extends EventName>(_event: E, _body: unknown): _body is Events[E] {
  return true;
}

/** The member `key` where it is a string, else undefined. */
export function text(value: unknown, key: string): string | undefined {
  const member = isJson(value) ? value[key] : undefined;
  return typeof member === "string" ? member : undefined;
}

/** The text that an error reply carries for the user. */
export function errorText(response: DebugProtocol.Response): string {
  const error = isJson(response.body) ? response.body["error"] : undefined;
  return text(error, "format") ?? response.message ?? "failed without a reason";
}
