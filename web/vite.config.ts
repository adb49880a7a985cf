// SPDX-License-Identifier: BSD-3-Clause
// Two pages: the notebook page, and the frame that shows HTML outputs in an origin of its own.
import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  build: {
    target: "es2022",
    outDir: process.env["CELLDAP_WEB_OUT"] ?? "../build/share/celldap/web",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 4000,
  },
  worker: { format: "es" },
});
