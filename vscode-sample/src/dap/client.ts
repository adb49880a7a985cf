// SPDX-License-Identifier: BSD-3-Clause
// A DAP client: requests typed by their names, events as they come, one reply each.

import type { DebugProtocol } from "@vscode/debugprotocol";

import type { CelldapRequests } from "./protocol.js";

/** Where messages go and come from. */
export interface Transport {
  send(message: object): void;
  readonly messages: AsyncIterable<unknown>;
}

/** Arguments and reply body of each request that the sample sends. */
export interface Requests extends CelldapRequests {
  initialize: [DebugProtocol.InitializeRequestArguments, unknown];
  launch: [Record<string, unknown>, unknown];
  configurationDone: [undefined, unknown];
  disconnect: [DebugProtocol.DisconnectArguments, unknown];
}

/** The adapter refused a request; the message is its text, verbatim. */
export class RequestError extends Error {
  constructor(
    readonly command: string,
    text: string,
  ) {
    super(text);
    this.name = "RequestError";
  }
}

interface Pending {
  readonly command: string;
  readonly resolve: (body: unknown) => void;
  readonly reject: (error: Error) => void;
}

interface Message {
  readonly type: string;
  readonly [key: string]: unknown;
}

function isMessage(value: unknown): value is Message {
  return (
    typeof value === "object" &&
    value !== null &&
    "type" in value &&
    typeof value.type === "string"
  );
}

/** What a failed response says to the user: the adapter's own words. */
export function errorText(response: Message): string {
  const body = response["body"] as { error?: { format?: unknown } } | undefined;
  const format = body?.error?.format;
  if (typeof format === "string" && format !== "") {
    return format;
  }
  const message = response["message"];
  return typeof message === "string" ? message : "the request failed";
}

/** One session with an adapter. */
export class DapClient {
  private seq = 0;
  private readonly pending = new Map<number, Pending>();
  private over: string | undefined;

  constructor(
    private readonly transport: Transport,
    private readonly onEvent: (name: string, body: unknown) => void,
    private readonly onEnd: (why: string) => void,
  ) {
    void this.pump();
  }

  /** Resolves with the body of the reply. */
  request<K extends keyof Requests>(
    command: K,
    args: Requests[K][0],
  ): Promise<Requests[K][1]> {
    if (this.over !== undefined) {
      return Promise.reject(new RequestError(command, this.over));
    }
    const seq = ++this.seq;
    const reply = new Promise<unknown>((resolve, reject) => {
      this.pending.set(seq, { command, resolve, reject });
    });
    this.transport.send({ seq, type: "request", command, arguments: args });
    return reply;
  }

  private async pump(): Promise<void> {
    let why = "the debug adapter has ended";
    try {
      for await (const message of this.transport.messages) {
        this.take(message);
      }
    } catch (error) {
      why = `the debug adapter sent what is no message: ${String(error)}`;
    }
    this.over = why;
    for (const { command, reject } of this.pending.values()) {
      reject(new RequestError(command, why));
    }
    this.pending.clear();
    this.onEnd(why);
  }

  private take(message: unknown): void {
    if (!isMessage(message)) {
      return;
    }
    if (message.type === "event" && typeof message["event"] === "string") {
      this.onEvent(message["event"], message["body"]);
    } else if (message.type === "response") {
      this.settle(message);
    }
  }

  private settle(response: Message): void {
    const seq = Number(response["request_seq"]);
    const waiting = this.pending.get(seq);
    this.pending.delete(seq);
    if (response["success"] === true) {
      waiting?.resolve(response["body"]);
    } else {
      waiting?.reject(new RequestError(waiting.command, errorText(response)));
    }
  }
}
