// Times both sides of a row alternately in one run.

import { cost } from "./values.mjs";

/** Milliseconds one round of a side should take, and rounds a side gets. */
const ROUND = 60;
const ROUNDS = 5;
/** A side whose single run takes longer is timed by it alone. */
const LONG = 3000;

/**
 * Measures `row` on both sides.
 * @returns `{ name, ours, theirs, ratio, error, flops, bytes }`, times in milliseconds a run,
 * `error` the largest difference in units of the output's deviation.
 */
export async function measure(row, ours, theirs) {
  const sides = [ours, theirs];
  for (const side of sides) await side.prepare(row);
  const values = [];
  const timers = [];
  for (const side of sides) {
    const began = performance.now();
    values.push(await side.values());
    // A first run compiles; where even that is little beside the run itself, one more is enough.
    if (performance.now() - began < 10 * LONG) await side.run(1);
    const single = await timed(side, 1);
    const count = Math.max(1, Math.min(500, Math.round(ROUND / single)));
    timers.push({ side, count, times: single > LONG ? [single] : [] });
  }
  const error = difference(...values);
  const quick = timers.filter(({ times }) => times.length === 0);
  for (let round = 0; round < ROUNDS; round++) {
    for (const { side, count, times } of quick) times.push((await timed(side, count)) / count);
  }
  const [mine, peers] = timers.map(({ times }) => median(times));
  const { flops, bytes } = cost(row);
  await theirs.close();
  return { name: row.name, ours: mine, theirs: peers, ratio: peers / mine, error, flops, bytes };
}

async function timed(side, count) {
  const began = performance.now();
  await side.run(count);
  return performance.now() - began;
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

function difference(own, other) {
  if (own.length !== other.length) return Infinity;
  let worst = 0;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < own.length; i++) {
    worst = Math.max(worst, Math.abs(own[i] - other[i]));
    sum += other[i];
    squares += other[i] ** 2;
  }
  const mean = sum / own.length;
  return worst / Math.sqrt(squares / own.length - mean ** 2);
}

/** The rows as a table in Markdown, the geometric mean of their ratios last. */
export function table(results) {
  const lines = [
    "| row | ours ms | peer ms | peer / ours | our GFLOP/s | our GB/s | difference |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...results.map((r) => `| ${cells(r).join(" | ")} |`),
  ];
  const logs = results.map(({ ratio }) => Math.log(ratio));
  const mean = Math.exp(logs.reduce((a, b) => a + b, 0) / logs.length);
  return [...lines, "", `geomean ${mean.toFixed(2)}`].join("\n");
}

const cells = ({ name, ours, theirs, ratio, error, flops, bytes }) => [
  name,
  ours.toPrecision(3),
  theirs.toPrecision(3),
  ratio.toFixed(2),
  flops > 0 ? (flops / ours / 1e6).toFixed(ours > 50 ? 2 : 0) : "",
  (bytes / ours / 1e6).toPrecision(3),
  error.toExponential(0),
];
