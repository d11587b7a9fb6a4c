// Every kernel beside its twin, in Dawn.
//
//   node bench/peer/twins.mjs BINDINGS WASM [--draws N] [--own] [--adapters own,software,whole,shared]

import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { openDawn } from "./adapter.mjs";
import { openBench } from "./ours.mjs";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    draws: { type: "string", default: "10" },
    own: { type: "boolean", default: false },
    adapters: { type: "string", default: "own,software,whole,shared" },
  },
});
const [bindings, wasm] = positionals.map((path) => resolve(path));

const { name } = await openDawn();
const bench = await openBench(bindings, wasm);
const cases = bench.twins(Number(options.draws), options.own);
const limit = bench.twin_limit();
let failed = 0;
for (const adapter of options.adapters.split(",")) {
  const began = performance.now();
  let worst = { error: 0 };
  for (const [index, label] of cases.entries()) {
    const error = await bench.twin(adapter === "own" ? "" : adapter, index).catch(String);
    if (!(error <= limit)) console.log(`${adapter}: ${label}: ${error}`, ++failed);
    else if (error > worst.error) worst = { error, label };
  }
  const seconds = ((performance.now() - began) / 1e3).toFixed(0);
  console.log(
    `${name}, kernels for ${adapter}: ${cases.length} cases in ${seconds} s, ` +
      `largest error ${worst.error.toExponential(1)} in ${worst.label}`,
  );
}
console.log(failed > 0 ? `${failed} differ from their twins` : "all equal their twins");
process.exit(failed > 0 ? 1 : 0);
