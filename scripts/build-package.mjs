// Builds the npm package in npm/dist: one module, the worker, both wasm variants, model and types.

import { copyFileSync } from "node:fs";
import { run } from "./lib/exec.mjs";
import { inRoot, nodeBin } from "./lib/paths.mjs";

/** Writes npm/dist from wasm that has been built. */
export async function buildPackage() {
  const { build } = await import("vite");
  await build({ root: inRoot("npm"), logLevel: "warn" });
  const tsc = [nodeBin("typescript", "bin/tsc"), "--project", "npm/tsconfig.json"];
  await run(process.execPath, tsc);
  for (const licence of ["LICENSE-MIT", "LICENSE-APACHE"]) {
    copyFileSync(inRoot(licence), inRoot("npm", licence));
  }
}
