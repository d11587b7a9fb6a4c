// Installs what is missing on this machine; quick when nothing is.
//
//   node scripts/setup.mjs [--browser]     --browser: also what the tests and the demo need

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { hasApt, installPackages, missingPackages } from "./lib/apt.mjs";
import { findChromium } from "./lib/chromium.mjs";
import { read, run } from "./lib/exec.mjs";
import { inRoot } from "./lib/paths.mjs";

const wasmTarget = "wasm32-unknown-unknown";
const say = (text) => console.log(`setup: ${text}`);

/** Something is missing that only the user can provide; the message says what. */
export class SetupError extends Error {}

/** Checks everything in order, cheapest first, and installs what is missing. */
export async function setup({ browser = false } = {}) {
  checkNode();
  await setUpLinker();
  await setUpRust();
  await setUpNodePackages();
  if (browser) await setUpBrowser();
}

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new SetupError(`Node ${process.versions.node} is too old: 20.19 or newer is needed.`);
}

async function setUpLinker() {
  if (process.platform !== "linux" || read("cc", ["--version"])) return;
  await setUpPackages(["gcc", "libc6-dev"], "the C compiler that Rust links with");
}

async function setUpRust() {
  if (!read("rustup", ["--version"])) {
    throw new SetupError(
      "Rust is missing: install it from https://rustup.rs, then run this again.",
    );
  }
  const wanted = readFileSync(inRoot("rust-toolchain.toml"), "utf8").match(/channel = "(.+)"/)[1];
  const installed = read("rustup", ["toolchain", "list"]) ?? "";
  if (!installed.split("\n").some((line) => line.startsWith(wanted))) {
    if (read("rustup", ["run", "stable", "rustc", "--version"])?.startsWith(`rustc ${wanted} `)) {
      // The pinned version under another name; children of this process use it.
      process.env.RUSTUP_TOOLCHAIN = "stable";
    } else {
      say(`installing Rust ${wanted} with rustup`);
      await rustup(["toolchain", "install", wanted, "--profile", "minimal"], `Rust ${wanted}`);
    }
  }
  const toolchain = process.env.RUSTUP_TOOLCHAIN ?? wanted;
  const sysroot = read("rustup", ["run", toolchain, "rustc", "--print", "sysroot"]);
  if (!existsSync(join(sysroot, "lib", "rustlib", wasmTarget))) {
    say(`adding Rust's ${wasmTarget} target`);
    await rustup(
      ["target", "add", wasmTarget, "--toolchain", toolchain],
      `the ${wasmTarget} target`,
    );
  }
  for (const [component, program] of [
    ["rustfmt", "rustfmt"],
    ["clippy", "cargo-clippy"],
  ]) {
    if (read("rustup", ["which", program, "--toolchain", toolchain])) continue;
    say(`adding Rust's ${component}`);
    await rustup(["component", "add", component, "--toolchain", toolchain], component);
  }
}

async function rustup(args, what) {
  await run("rustup", args).catch(() => {
    throw new SetupError(
      `rustup could not install ${what}. Check the connection and run "rustup ${args.join(" ")}" by hand.`,
    );
  });
}

async function setUpNodePackages() {
  const stamp = inRoot("node_modules", ".installed-lock");
  const lock = createHash("sha256")
    .update(readFileSync(inRoot("package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  say("installing the Node packages of package-lock.json");
  await run(process.execPath, [npmCli(), "ci", "--include=dev", "--no-audit", "--no-fund"]);
  writeFileSync(stamp, lock);
}

/** npm's own program: npm says where it is; without npm it lies beside Node. */
function npmCli() {
  if (process.env.npm_execpath) return process.env.npm_execpath;
  const prefix = dirname(process.execPath);
  const candidates = ["../lib/node_modules/npm/bin/npm-cli.js", "node_modules/npm/bin/npm-cli.js"];
  const found = candidates.map((path) => join(prefix, path)).find(existsSync);
  if (!found) throw new SetupError('npm was not found beside Node: run "npm ci" by hand.');
  return found;
}

async function setUpBrowser() {
  const chromium = findChromium();
  if (process.platform !== "linux") {
    if (!chromium) throw new SetupError("No Chromium or Chrome was found: install one of them.");
    return;
  }
  const packages = ["libvulkan1", "mesa-vulkan-drivers", ...(chromium ? [] : ["chromium"])];
  await setUpPackages(packages, "the browser and the software GPU of the tests");
  // Only the tests of clips need it, and they are skipped without.
  if (hasApt()) await setUpPackages(["ffmpeg"], "what makes the clips of the tests");
}

async function setUpPackages(names, what) {
  if (!hasApt()) {
    if (names.every((name) => name.startsWith("lib") || name.startsWith("mesa"))) return;
    throw new SetupError(`Missing: ${what}. In Debian the packages are ${names.join(", ")}.`);
  }
  const missing = missingPackages(names);
  if (missing.length === 0) return;
  say(`installing ${what}: ${missing.join(", ")}`);
  await installPackages(missing).catch((error) => {
    throw new SetupError(`apt-get could not install ${missing.join(", ")} (${error.message}).`);
  });
}

/** Runs `main`, printing an error a user can act on as its sentence alone. */
export async function runScript(main) {
  try {
    await main();
  } catch (error) {
    const expected = error instanceof SetupError || error.name === "CommandFailed";
    console.error(expected ? error.message : error);
    process.exitCode = 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await runScript(async () => {
    await setup({ browser: process.argv.includes("--browser") });
    say("ready");
  });
}
