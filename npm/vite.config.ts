import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** The package: one module, the worker, both wasm builds and the model, as plain files. */
export default defineConfig({
  root: path("."),
  // Files find each other relative to the module, wherever the package is served from.
  base: "./",
  define: { __WITH_FAKE_ENGINE__: false },
  assetsInclude: ["**/*.safetensors"],
  worker: { format: "es" },
  build: {
    target: "es2023",
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: false,
    rollupOptions: {
      input: path("src/index.ts"),
      preserveEntrySignatures: "strict",
      output: { entryFileNames: "burnish.js" },
    },
  },
});
