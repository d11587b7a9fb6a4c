// Clippy as the compiler of our own crates: it lints what it builds. `cargo clippy` would check all
// of Burn once more, natively and for wasm32; this way one build serves lints, tests and examples.

import { targetDir } from "./paths.mjs";

const separator = "__CLIPPY_HACKERY__";

/** For cargo: warnings are errors. The variables are those that `cargo clippy` sets itself. */
export const lintingEnv = {
  CARGO_TARGET_DIR: targetDir,
  RUSTC_WORKSPACE_WRAPPER: "clippy-driver",
  CLIPPY_ARGS: ["-D", "warnings"].map((arg) => arg + separator).join(""),
};
