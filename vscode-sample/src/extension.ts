// SPDX-License-Identifier: BSD-3-Clause
// The extension's start and end: who knows whom.

import * as vscode from "vscode";

import { registerCommands } from "./commands.js";
import { NotebookDebugger } from "./debug/debugger.js";
import { DescriptorFactory } from "./debug/descriptor.js";
import { ConfigurationProvider, DYNAMIC } from "./debug/provider.js";
import { Kernels } from "./kernel/controller.js";
import type { KernelHost } from "./kernel/host.js";
import { celldapBinary, kernelLaunch } from "./kernel/prepare.js";
import { chosenPython } from "./kernel/python.js";
import { logDisposable } from "./log.js";
import { registerInlineValues } from "./view/inlineValues.js";

let kernels: Kernels | undefined;

function existing(): Kernels {
  if (!kernels) {
    throw new Error("the extension is not active");
  }
  return kernels;
}

function registerDebugger(
  context: vscode.ExtensionContext,
  notebooks: NotebookDebugger,
): vscode.Disposable[] {
  const { debug, DebugConfigurationProviderTriggerKind: Trigger } = vscode;
  const provider = new ConfigurationProvider(existing, notebooks);
  return [
    debug.registerDebugAdapterDescriptorFactory(
      "celldap",
      new DescriptorFactory(context.extensionUri),
    ),
    debug.registerDebugConfigurationProvider("celldap", provider),
    debug.registerDebugConfigurationProvider(
      "celldap",
      { provideDebugConfigurations: () => [...DYNAMIC] },
      Trigger.Dynamic,
    ),
  ];
}

/** VS Code starts the extension. */
export function activate(context: vscode.ExtensionContext): void {
  const notebooks = new NotebookDebugger(existing);
  const storage = context.storageUri ?? context.globalStorageUri;
  const host: KernelHost = {
    prepare: async (notebook, wishes) => ({
      binary: await celldapBinary(context.extensionUri),
      launch: kernelLaunch(
        notebook,
        storage,
        chosenPython(context, notebook),
        wishes,
      ),
    }),
    beforeRun: async (cell) => {
      await notebooks.of(cell.notebook)?.announce(cell);
    },
    live: (notebook) => notebooks.live(notebook),
  };
  kernels = new Kernels(context.extension.id, host);
  context.subscriptions.push(
    logDisposable,
    kernels,
    notebooks,
    registerInlineValues(),
    ...registerDebugger(context, notebooks),
    ...registerCommands(context, kernels, notebooks),
  );
}

/** VS Code ends the extension: no kernel is left behind. */
export async function deactivate(): Promise<void> {
  await kernels?.close();
  kernels = undefined;
}
