// Chrome's own WebGPU without Chrome: Dawn in Node (npm package `webgpu`) as `navigator.gpu`.
//
//   node bench/peer/dawn.mjs MODELS BINDINGS WASM ORT [--rows a,b] [--out results.json]
//
// MODELS is what export.py wrote, BINDINGS and WASM are what wasm-bindgen wrote of bench/web, ORT is
// the folder `dist` of onnxruntime-web. `VK_DRIVER_FILES` picks the driver.

import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { create, globals } from "webgpu";
import { measure, table } from "./measure.mjs";
import { openOurs } from "./ours.mjs";
import { openTheirs } from "./theirs.mjs";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { rows: { type: "string", default: "" }, out: { type: "string", default: "" } },
});
const [models, bindings, wasm, ortFolder] = positionals.map((path) => resolve(path));

Object.assign(globalThis, globals);
const gpu = create([]);
const navigator = { gpu, hardwareConcurrency: 2, language: "en", userAgent: "node" };
Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });
// What wgpu asks of a global object to believe that it is in a browser.
globalThis.window = globalThis;
globalThis.Window = Object;

// The peer's wasm memory is shared, which Dawn's writeBuffer refuses: it gets a copy.
const { writeBuffer } = GPUQueue.prototype;
GPUQueue.prototype.writeBuffer = function write(buffer, at, data, from, size) {
  if ((data.buffer ?? data) instanceof SharedArrayBuffer) {
    return writeBuffer.call(this, buffer, at, data.slice(from ?? 0, (from ?? 0) + size));
  }
  return writeBuffer.apply(this, arguments);
};

const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
if (!adapter) {
  console.error("Dawn finds no driver here that it can use; VK_DRIVER_FILES names one.");
  process.exit(2);
}
const { vendor, device, description } = adapter.info;
console.log(`${vendor} ${device}, ${description}`);
const isSoftware = /swiftshader|llvmpipe/i.test(`${device} ${description}`);
// The peer's attention is wrong where subgroups have four lanes, as SwiftShader's have: there neither
// side gets to see them.
if (isSoftware) {
  const ask = gpu.requestAdapter.bind(gpu);
  gpu.requestAdapter = async (options) => {
    const found = await ask(options);
    const visible = [...found.features].filter((feature) => !feature.startsWith("subgroup"));
    return Object.defineProperty(found, "features", { value: new Set(visible) });
  };
}
const ours = await openOurs(await import(pathToFileURL(bindings)), readFileSync(wasm));
const ort = await import(pathToFileURL(join(ortFolder, "ort.webgpu.bundle.min.mjs")));
ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";
ort.env.wasm.wasmBinary = readFileSync(join(ortFolder, "ort-wasm-simd-threaded.asyncify.wasm"));
const theirs = openTheirs(ort, async (name) => readFileSync(join(models, `${name}.onnx`)));

const rows = JSON.parse(readFileSync(new URL("rows.json", import.meta.url), "utf8"));
const wanted = options.rows.split(",").filter(Boolean);
const results = [];
for (const row of rows) {
  if (isSoftware && row.hardware_only) continue;
  if (wanted.length > 0 && !wanted.some((part) => row.name.includes(part))) continue;
  try {
    results.push(await measure(row, ours, theirs));
    const { name, ratio, error } = results.at(-1);
    console.log(`${name}: ${ratio.toFixed(2)}, difference ${error.toExponential(0)}`);
  } catch (error) {
    console.log(`${row.name} failed: ${String(error).slice(0, 300)}`);
  }
}
console.log(table(results));
if (options.out) writeFileSync(options.out, JSON.stringify(results, null, 2));
process.exit(0);
