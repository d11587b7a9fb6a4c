// The benchmark beside the peer: sets up what only it needs, in the user's cache, and runs it in Dawn.

import { cpSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { buildWasm } from "../build-wasm.mjs";
import { run } from "./exec.mjs";
import { cacheDir, inRoot } from "./paths.mjs";

/** Where Chromium and Chrome keep their software adapter. */
const software = ["/usr/lib/chromium", "/opt/google/chrome", "/usr/lib64/chromium-browser"].map(
  (folder) => join(folder, "vk_swiftshader_icd.json"),
);

/**
 * Runs the rows. `--rows a,b` picks some, `--out FILE` writes the figures, `--software` takes the
 * software adapter that Chromium brings in place of the graphics card.
 */
export async function benchPeer(words) {
  const folder = join(cacheDir, "bench-peer");
  mkdirSync(folder, { recursive: true });
  cpSync(inRoot("bench/peer"), folder, { recursive: true });
  if (!existsSync(join(folder, "node_modules/onnxruntime-web"))) {
    const npm = process.platform === "win32" ? "npm.cmd" : "npm";
    await run(npm, ["install", "--no-audit", "--no-fund"], { cwd: folder });
  }
  const models = join(folder, "models");
  if (!existsSync(join(models, "geglu_4096x320.onnx"))) {
    const python = join(folder, "venv", process.platform === "win32" ? "Scripts" : "bin", "python");
    if (!existsSync(python)) await run("python3", ["-m", "venv", join(folder, "venv")]);
    await run(python, ["-m", "pip", "install", "-q", "-r", join(folder, "requirements.txt")]);
    await run(python, [join(folder, "export.py"), "--out", models]);
  }
  await buildWasm({ names: ["bench"] });
  const built = (name) => inRoot("bench/wasm/bench", name);
  const files = [models, built("bench_web.js"), built("bench_web_bg.wasm")];
  const ort = join(folder, "node_modules/onnxruntime-web/dist");
  const rest = words.filter((word) => word !== "--software");
  const driver = rest.length < words.length ? software.find(existsSync) : undefined;
  const env = driver ? { VK_DRIVER_FILES: driver, VK_ICD_FILENAMES: driver } : {};
  await run(process.execPath, [join(folder, "dawn.mjs"), ...files, ort, ...rest], { env });
}
