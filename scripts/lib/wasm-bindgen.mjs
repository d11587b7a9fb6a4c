// The wasm-bindgen program must be of exactly the version of the crate it post-processes.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { read } from "./exec.mjs";
import { inRoot, toolsDir } from "./paths.mjs";

const exe = process.platform === "win32" ? "wasm-bindgen.exe" : "wasm-bindgen";

/** The version Cargo.lock names. */
export function wantedVersion() {
  const lock = readFileSync(inRoot("Cargo.lock"), "utf8");
  return lock.match(/name = "wasm-bindgen"\r?\nversion = "([^"]+)"/)[1];
}

/** The program to run: ours, or one on the PATH, if of the wanted version; else null. */
export function find(version = wantedVersion()) {
  const ours = join(toolsDir, "bin", exe);
  const candidates = existsSync(ours) ? [ours, exe] : [exe];
  return candidates.find((path) => read(path, ["--version"]) === `wasm-bindgen ${version}`) ?? null;
}
