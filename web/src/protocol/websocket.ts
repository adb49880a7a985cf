// SPDX-License-Identifier: BSD-3-Clause
// The page's transport: one bare JSON message a text message. The token travels in the subprotocol,
// never in a URL.
import type { DebugProtocol } from "@vscode/debugprotocol";
import { MessageQueue, type Transport } from "./transport.ts";

/** Why a connection ended; 1008 is a bad token, 1013 too many sessions. */
export interface Closed {
  readonly code: number;
  readonly reason: string;
}

export class WebSocketTransport implements Transport {
  readonly messages = new MessageQueue();
  readonly closed: Promise<Closed>;
  private readonly socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.addEventListener("close", (event) => {
        this.messages.end();
        resolve({ code: event.code, reason: event.reason });
      });
    });
    socket.addEventListener("message", (event: MessageEvent<unknown>) => {
      if (typeof event.data === "string") {
        this.messages.push(JSON.parse(event.data));
      }
    });
  }

  /** Resolves once the server has accepted, rejects with what it said instead. */
  static open(url: string, token: string): Promise<WebSocketTransport> {
    const socket = new WebSocket(url, ["dap", `token.${token}`]);
    const transport = new WebSocketTransport(socket);
    return new Promise((resolve, reject) => {
      socket.addEventListener("open", () => resolve(transport));
      void transport.closed.then((closed) => reject(new ConnectionError(closed)));
    });
  }

  send(message: DebugProtocol.ProtocolMessage): void {
    this.socket.send(JSON.stringify(message));
  }

  close(): void {
    this.socket.close(1000);
  }
}

/** The server refused, or is not there. */
export class ConnectionError extends Error {
  readonly code: number;

  constructor(closed: Closed) {
    super(closed.reason === "" ? "celldap serve does not answer" : closed.reason);
    this.code = closed.code;
  }
}
