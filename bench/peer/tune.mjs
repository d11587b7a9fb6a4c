// Finds the adapter's row of the table in crate/src/ops/adapter.rs, in Dawn.
//
//   node bench/peer/tune.mjs BINDINGS WASM
//
// First the class of kernels, then how many workgroups run at a time (what products are shared out by),
// then how many operations a byte is worth (where Winograd begins); each by the geometric mean of the
// rows it decides.

import { resolve } from "node:path";
import { openDawn } from "./adapter.mjs";
import { openBench } from "./ours.mjs";

/** Milliseconds of a round, and rounds; the least of them counts. */
const ROUND = 30;
const ROUNDS = 3;
/** No Winograd. */
const NEVER = 1000;

const linear = (rows, inputs, outputs) => ({ op: "linear", rows, inputs, outputs });
const conv = (inputs, outputs, side) => {
  return { op: "conv", inputs, outputs, side, kernel: 3, stride: 1 };
};
const attention = (queries, head_dim) => {
  return { op: "attention", heads: 8, queries, keys: queries, head_dim };
};
const classRows = [linear(256, 320, 320), conv(64, 64, 16), attention(256, 40)];
const shareRows = [
  ...[linear(154, 768, 1280), linear(512, 1280, 1280), linear(1024, 640, 640)],
  ...[conv(2560, 1280, 8), conv(1280, 1280, 16), conv(640, 640, 32)],
  ...[attention(256, 160), attention(1024, 80), attention(4096, 40)],
];
const winogradRows = [
  ...[conv(1280, 1280, 8), conv(1280, 1280, 16), conv(640, 640, 32), conv(320, 320, 64)],
  ...[conv(512, 512, 64), conv(128, 128, 128)],
];

const [bindings, wasm] = process.argv.slice(2).map((path) => resolve(path));
const { name } = await openDawn();
const bench = await openBench(bindings, wasm);
const [isHardwareNow, ...now] = bench.adapter_row();
console.log(`${name}; now ${isHardwareNow ? `hardware(${now.join(", ")})` : "software"}`);

const isHardware = await best("class", classRows, [0, 1], (value) => [value === 1, 128, NEVER]);
if (!isHardware) {
  console.log("Kernels for software adapters are faster here; they leave nothing to choose.");
  process.exit(0);
}
const shares = [1, 32, 64, 128, 192, 256, 400, 600];
const concurrent = await best("concurrent", shareRows, shares, (value) => [true, value, NEVER]);
const intensities = [4, 10, 20, 32, 40, 64, NEVER];
const intensity = await best("intensity", winogradRows, intensities, (value) => {
  return [true, concurrent, value];
});
console.log(
  `(&["${name.split(/[ ,]/)[0].toLowerCase()}"], hardware(${concurrent}, ${intensity})),`,
);
process.exit(0);

/** Prints the geometric mean of the rows' times for every value and returns the value of the least. */
async function best(label, rows, values, adapter) {
  const means = values.map(() => 0);
  for (const row of rows) {
    for (const [at, value] of values.entries()) {
      bench.set_adapter_row(...adapter(value));
      means[at] += Math.log(await time(row)) / rows.length;
    }
  }
  const least = means.indexOf(Math.min(...means));
  const shown = values.map(
    (value, at) => `${value}: ${Math.exp(means[at] - means[least]).toFixed(3)}`,
  );
  console.log(`${label}, times the least: ${shown.join(", ")}`);
  return values[least];
}

/** Milliseconds of a run with the kernels of the row that is set. */
async function time(row) {
  bench.prepare(JSON.stringify(row));
  await bench.run(1);
  const single = await timed(1);
  const count = Math.max(1, Math.min(200, Math.round(ROUND / single)));
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round++)
    least = Math.min(least, (await timed(count)) / count);
  return least;
}

async function timed(count) {
  const began = performance.now();
  await bench.run(count);
  return performance.now() - began;
}
