// SPDX-License-Identifier: BSD-3-Clause
// Microsoft's DebugClient with the real bridge on its other side.

import type { ChildProcess } from "node:child_process";

import { DebugClient } from "@vscode/debugadapter-testsupport";

import { BINARY } from "../places.js";

const GUARD_MS = 60_000; // only against hangs

/** A client whose adapter may be gone before its last write. */
export class Client extends DebugClient {
  constructor() {
    super("/usr/bin/env", BINARY, "celldap");
    this.defaultTimeout = GUARD_MS;
  }

  override async start(): Promise<void> {
    await super.start();
    const adapter = (this as unknown as { _adapterProcess: ChildProcess })
      ._adapterProcess;
    adapter.stdin?.on("error", () => undefined);
  }
}
