// The rows beside the peer, in Dawn.
//
//   node bench/peer/dawn.mjs MODELS BINDINGS WASM ORT [--rows a,b] [--networks] [--out results.json]
//
// MODELS is what export.py wrote, or networks.py, whose rows --networks takes; BINDINGS and WASM are
// what wasm-bindgen wrote of bench/web, ORT is the folder `dist` of onnxruntime-web.

import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { ceiling, openDawn } from "./adapter.mjs";
import { measure, table } from "./measure.mjs";
import { openOurs } from "./ours.mjs";
import { openTheirs } from "./theirs.mjs";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: "string", default: "" },
    networks: { type: "boolean", default: false },
    out: { type: "string", default: "" },
  },
});
const [models, bindings, wasm, ortFolder] = positionals.map((path) => resolve(path));

const { name: adapter, isSoftware } = await openDawn();
const reach = await ceiling(isSoftware);
console.log(`${adapter}; ${(reach / 1e9).toFixed(0)} GFLOP/s`);
const checkpoint = options.networks ? join(models, "networks.safetensors") : undefined;
const ours = await openOurs(bindings, wasm, checkpoint);
const ort = await import(pathToFileURL(join(ortFolder, "ort.webgpu.bundle.min.mjs")));
ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";
ort.env.wasm.wasmBinary = readFileSync(join(ortFolder, "ort-wasm-simd-threaded.asyncify.wasm"));
const theirs = openTheirs(ort, async (file) => readFileSync(join(models, file)));

const list = options.networks
  ? join(models, "networks.json")
  : new URL("rows.json", import.meta.url);
const wanted = options.rows.split(",").filter(Boolean);
const results = [];
for (const row of JSON.parse(readFileSync(list, "utf8"))) {
  if (isSoftware && row.hardware_only) continue;
  if (wanted.length > 0 && !wanted.some((part) => row.name.includes(part))) continue;
  const began = performance.now();
  try {
    results.push(await measure(row, ours, theirs));
    const { name, ratio, error, ours: own, theirs: other } = results.at(-1);
    const seconds = ((performance.now() - began) / 1e3).toFixed(0);
    console.log(
      `${name}: ${own.toPrecision(3)} and ${other.toPrecision(3)} ms, ${ratio.toFixed(2)}, ` +
        `difference ${error.toExponential(0)}; ${seconds} s`,
    );
    if (options.out) writeFileSync(options.out, JSON.stringify(results, null, 2));
  } catch (error) {
    console.log(`${row.name} failed: ${String(error).slice(0, 300)}`);
  }
}
if (options.networks) results.push(...detail(results));
console.log(table(results, reach));
process.exit(0);

/** A whole detail of 20 steps at 512 pixels, added up from its parts. */
function detail(rows) {
  const named = (name) => rows.find((row) => row.name === name);
  const parts = [named("encode_64"), named("unet_64"), named("decode_64")];
  if (!parts.every(Boolean)) return [];
  const sum = (of) => of(parts[0]) + 20 * of(parts[1]) + of(parts[2]);
  const [own, other] = [sum((row) => row.ours), sum((row) => row.theirs)];
  return [
    {
      name: "detail_64_20_steps",
      ours: own,
      theirs: other,
      ratio: other / own,
      error: Math.max(...parts.map((row) => row.error)),
      flops: sum((row) => row.flops),
      dispatches: [0, 1].map((side) => sum((row) => row.dispatches[side])),
      peak: [0, 1].map((side) => Math.max(...parts.map((row) => row.peak[side]))),
    },
  ];
}
