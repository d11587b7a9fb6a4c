// The benchmarks in Dawn: sets up what only they need, in the user's cache, and runs them.

import { cpSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { buildWasm } from "../build-wasm.mjs";
import { run } from "./exec.mjs";
import { cacheDir, inRoot } from "./paths.mjs";

const folder = join(cacheDir, "bench-peer");

/** Where Chromium and Chrome keep their software adapter. */
const software = ["/usr/lib/chromium", "/opt/google/chrome", "/usr/lib64/chromium-browser"].map(
  (path) => join(path, "vk_swiftshader_icd.json"),
);

/**
 * Runs the rows beside the peer. `--rows a,b` picks some, `--networks` takes whole networks instead of
 * operations (9 GB on the disk; `--narrow` tries them out with few channels), `--out FILE` writes the
 * figures, `--software` takes the software adapter that Chromium brings in place of the graphics card.
 */
export async function benchPeer(words) {
  const networks = words.includes("--networks");
  const narrow = words.includes("--narrow") ? ["--narrow"] : [];
  const [script, name, last] = networks
    ? ["networks.py", narrow.length > 0 ? "networks-narrow" : "networks", "networks.json"]
    : ["export.py", "models", "geglu_4096x320.onnx"];
  await install();
  const models = join(folder, name);
  if (!existsSync(join(models, last))) {
    const python = join(folder, "venv", process.platform === "win32" ? "Scripts" : "bin", "python");
    if (!existsSync(python)) await run("python3", ["-m", "venv", join(folder, "venv")]);
    await run(python, ["-m", "pip", "install", "-q", "-r", join(folder, "requirements.txt")]);
    await run(python, [join(folder, script), "--out", models, ...narrow]);
  }
  const ort = join(folder, "node_modules/onnxruntime-web/dist");
  const rest = words.filter((word) => word !== "--narrow");
  await inDawn("dawn.mjs", [models, ...bench], [ort, ...rest]);
}

/** Compares every kernel with its twin: `--own` with Stable Diffusion's own sizes, `--draws N`. */
export async function benchTwins(words) {
  await install();
  await inDawn("twins.mjs", bench, words);
}

/** Finds the adapter's row of the table of kernels. */
export async function benchTune(words) {
  await install();
  await inDawn("tune.mjs", bench, words);
}

const bench = ["bench_web.js", "bench_web_bg.wasm"].map((name) => inRoot("bench/wasm/bench", name));

async function install() {
  mkdirSync(folder, { recursive: true });
  cpSync(inRoot("bench/peer"), folder, { recursive: true });
  if (!existsSync(join(folder, "node_modules/onnxruntime-web"))) {
    const npm = process.platform === "win32" ? "npm.cmd" : "npm";
    await run(npm, ["install", "--no-audit", "--no-fund"], { cwd: folder });
  }
}

/** Runs one of our scripts there; `words` are what the user added. */
async function inDawn(script, files, words) {
  await buildWasm({ names: ["bench"] });
  const rest = words.filter((word) => word !== "--software");
  const driver = rest.length < words.length ? software.find(existsSync) : undefined;
  const env = driver ? { VK_DRIVER_FILES: driver, VK_ICD_FILENAMES: driver } : {};
  await run(process.execPath, ["--expose-gc", join(folder, script), ...files, ...rest], { env });
}
