// Builds the npm package in npm/dist: one module, the worker, both wasm variants, model and types.

import { copyFileSync } from "node:fs";
import { run } from "./lib/exec.mjs";
import { inRoot, nodeBin } from "./lib/paths.mjs";
import { runScript, setup } from "./setup.mjs";

/** Writes npm/dist from wasm that has been built. */
export async function buildPackage() {
  const { build } = await import("vite");
  await build({ root: inRoot("npm"), logLevel: "warn" });
  const tsc = [nodeBin("typescript", "bin/tsc"), "--project", "npm/tsconfig.json"];
  await run(process.execPath, tsc);
  for (const licence of ["LICENSE-MIT", "LICENSE-APACHE"]) {
    copyFileSync(inRoot(licence), inRoot("npm", "dist", licence));
  }
}

if (process.argv[1] === import.meta.filename) {
  await runScript(async () => {
    await setup();
    const { buildWasm } = await import("./build-wasm.mjs");
    await buildWasm();
    await buildPackage();
    console.log("The package is in npm/; pack it with npm pack.");
  });
}
