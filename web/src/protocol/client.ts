// SPDX-License-Identifier: BSD-3-Clause
// A DAP client over any transport: requests typed by their name, events by theirs. The same in the
// browser and in node tests.
import type { DebugProtocol } from "@vscode/debugprotocol";
import { errorText, isBodyOf, isEvent, isEventBody, isResponse } from "./guards.ts";
import type { Command, EventName, Events, Requests } from "./requests.ts";
import type { Transport } from "./transport.ts";

/** An error reply: the adapter's text verbatim, and which request it answers. */
export class RequestError extends Error {
  readonly command: string;
  /** DAP's word where there is one: notStopped, cancelled. */
  readonly reason: string;

  constructor(command: string, response: DebugProtocol.Response) {
    super(errorText(response));
    this.command = command;
    this.reason = response.message ?? "";
  }
}

/** The connection ended before the answer came. */
export class ClosedError extends Error {
  constructor(command: string) {
    super(`${command}: the connection was closed`);
  }
}

interface Pending {
  readonly command: string;
  readonly resolve: (response: DebugProtocol.Response) => void;
  readonly reject: (error: Error) => void;
}

type Listener = (body: unknown) => void;

export class DapClient {
  /** Resolves when the transport has ended and every listener has heard its last event. */
  readonly ended: Promise<void>;
  private readonly transport: Transport;
  private readonly pending = new Map<number, Pending>();
  private readonly listeners = new Map<string, Set<Listener>>();
  private seq = 0;
  private open = true;

  constructor(transport: Transport) {
    this.transport = transport;
    this.ended = this.read();
  }

  /** Sends a request; `signal` cancels it at the adapter, which then answers `cancelled`. */
  async request<C extends Command>(
    command: C,
    args: Requests[C]["arguments"],
    signal?: AbortSignal,
  ): Promise<Requests[C]["body"]> {
    const response = await this.send(command, args, signal);
    if (!response.success) {
      throw new RequestError(command, response);
    }
    const body: unknown = response.body;
    if (!isBodyOf(command, body)) {
      throw new RequestError(command, response);
    }
    return body;
  }

  /** Calls `listener` for each such event until the returned function is called. */
  on<E extends EventName>(event: E, listener: (body: Events[E]) => void): () => void {
    const wrapped: Listener = (body) => {
      if (isEventBody(event, body)) {
        listener(body);
      }
    };
    const all = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, all.add(wrapped));
    return () => all.delete(wrapped);
  }

  close(): void {
    this.transport.close();
  }

  private send(
    command: string,
    args: unknown,
    signal: AbortSignal | undefined,
  ): Promise<DebugProtocol.Response> {
    return new Promise((resolve, reject) => {
      if (!this.open) {
        reject(new ClosedError(command));
        return;
      }
      const seq = ++this.seq;
      this.pending.set(seq, { command, resolve, reject });
      const request: DebugProtocol.Request = { seq, type: "request", command, arguments: args };
      this.transport.send(request);
      signal?.addEventListener("abort", () => this.cancel(seq), { once: true });
    });
  }

  private cancel(requestId: number): void {
    if (this.open && this.pending.has(requestId)) {
      // its own answer says nothing: the cancelled request's does
      this.send("cancel", { requestId }, undefined).catch(() => undefined);
    }
  }

  private async read(): Promise<void> {
    for await (const message of this.transport.messages) {
      if (isResponse(message)) {
        const waiting = this.pending.get(message.request_seq);
        this.pending.delete(message.request_seq);
        waiting?.resolve(message);
      } else if (isEvent(message)) {
        this.dispatch(message);
      }
    }
    this.open = false;
    for (const waiting of this.pending.values()) {
      waiting.reject(new ClosedError(waiting.command));
    }
    this.pending.clear();
  }

  private dispatch(event: DebugProtocol.Event): void {
    for (const listener of this.listeners.get(event.event) ?? []) {
      listener(event.body);
    }
  }
}
