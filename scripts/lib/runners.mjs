// How a stage runs: each runner resolves to the number of tests that passed, failed and were
// skipped. A tool that only succeeds or fails is one test.

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { read, run, runAndRead } from "./exec.mjs";
import { lintingEnv } from "./clippy.mjs";
import { inRoot, nodeBin } from "./paths.mjs";

const counts = (passed, failed = 0, skipped = 0) => ({ passed, failed, skipped });

/** A program that succeeds or fails. */
export function tool(command, args, options) {
  return async () => {
    await run(command, args, options);
    return counts(1);
  };
}

/** The program `file` of a Node package. */
export const node = (packageName, file, args) =>
  tool(process.execPath, [nodeBin(packageName, file), ...args]);

/** One of our own scripts. */
export const script = (file, args = []) => tool(process.execPath, [inRoot(file), ...args]);

export const tsc = (project) => node("typescript", "bin/tsc", ["--project", project]);

/** A tool that is used where it is installed. */
export function optional(command, args) {
  return async () => {
    if (read(command, ["--version"]) !== null) return tool(command, args)();
    console.log(`${command} is not installed`);
    return counts(0, 0, 1);
  };
}

/** Runs vitest with `config` and counts its tests. */
export function vitest(config) {
  return async () => {
    const folder = mkdtempSync(join(tmpdir(), "burnish-"));
    const report = join(folder, "report.json");
    const args = ["run", "--config", config, "--reporter=default", "--reporter=json"];
    try {
      const { code } = await runAndRead(process.execPath, [
        ...[nodeBin("vitest", "vitest.mjs"), ...args, `--outputFile.json=${report}`],
      ]);
      if (!existsSync(report)) return counts(0, 1);
      const json = JSON.parse(readFileSync(report, "utf8"));
      const failed = Math.max(json.numFailedTests, code === 0 ? 0 : 1);
      return counts(json.numPassedTests, failed, json.numPendingTests + json.numTodoTests);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
}

/** All Rust tests, on the processor and, where there is an adapter, on the GPU. */
export async function cargoTest() {
  const { code, text } = await runAndRead("cargo", ["test", "--locked", "--release"], {
    env: lintingEnv,
  });
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const [, passed, failed, ignored] of text.matchAll(
    /^test result: .*? (\d+) passed; (\d+) failed; (\d+) ignored/gm,
  )) {
    sum.passed += Number(passed);
    sum.failed += Number(failed);
    sum.skipped += Number(ignored);
  }
  if (code !== 0 && sum.failed === 0) sum.failed = 1;
  return sum;
}

/** Replays a folder of recorded cases with the program of the same name. */
export function golden(folder, device) {
  return async () => {
    if (!existsSync(inRoot(folder, "manifest.json"))) {
      console.log(`${folder} is not there`);
      return counts(0, 0, 1);
    }
    const example = ["run", "--locked", "--release", "--example", "golden"];
    const { code, text } = await runAndRead(
      "cargo",
      [...example, "--", inRoot(folder), "--device", device],
      { env: lintingEnv },
    );
    const last = [...text.matchAll(/^(\d+) passed, (\d+) failed, (\d+) skipped$/gm)].at(-1);
    if (!last) return counts(0, 1);
    const [passed, failed, skipped] = last.slice(1).map(Number);
    return counts(passed, code === 0 ? failed : Math.max(failed, 1), skipped);
  };
}
