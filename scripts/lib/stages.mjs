// What `npm run check` and `npm test` run, cheapest first.

import { cargoTest, golden, node, optional, script, tool, tsc, vitest } from "./runners.mjs";
import { lintingEnv } from "./clippy.mjs";
import { inRoot } from "./paths.mjs";

const nativeBuild = ["build", "--locked", "--release", "--lib", "--tests", "--examples"];
const wasmBuild = [
  ...[
    "rustc",
    "--locked",
    "--package",
    "burnish",
    "--profile",
    "wasm",
    "--target",
    "wasm32-unknown-unknown",
    "--lib",
  ],
  ...["--crate-type", "rlib", "--no-default-features", "--features", "gpu"],
];

/** `check` marks the stages of `npm run check`. */
export const stages = [
  { name: "rustfmt", check: true, run: tool("cargo", ["fmt", "--all", "--check"]) },
  { name: "prettier", check: true, run: node("prettier", "bin/prettier.cjs", ["--check", "."]) },
  { name: "typos", check: true, run: optional("typos", []) },
  { name: "types: page", check: true, run: tsc("www/tsconfig.page.json") },
  { name: "types: worker", check: true, run: tsc("www/tsconfig.worker.json") },
  { name: "types: tests", check: true, run: tsc("tests/tsconfig.json") },
  { name: "eslint", check: true, run: node("eslint", "bin/eslint.js", ["."]) },
  { name: "page tests", check: true, run: vitest("www/vite.config.ts") },
  { name: "clippy", check: true, run: tool("cargo", nativeBuild, { env: lintingEnv }) },
  {
    name: "clippy: wasm32",
    check: true,
    run: tool("cargo", wasmBuild, {
      env: { ...lintingEnv, CLIPPY_CONF_DIR: inRoot("lints", "wasm") },
    }),
  },
  { name: "rust tests", check: true, run: cargoTest },
  { name: "recorded values: cpu", run: golden("tests/golden", "cpu") },
  { name: "recorded values: gpu", run: golden("tests/golden", "gpu") },
  { name: "reference values: cpu", run: golden("../shared/golden", "cpu") },
  { name: "wasm and page", run: script("scripts/build.mjs", ["--plain"]) },
  { name: "wasm for tests", run: script("scripts/build-wasm.mjs", ["golden", "bench"]) },
  { name: "browser tests", run: vitest("tests/e2e/vitest.config.ts") },
  { name: "demo", run: script("scripts/demo.mjs") },
];
