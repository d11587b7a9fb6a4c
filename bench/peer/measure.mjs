// Times both sides of a row alternately in one run.

import { counters } from "./adapter.mjs";
import { cost } from "./values.mjs";

/** Milliseconds one round of a side should take, and rounds a side gets. */
const ROUND = 60;
const ROUNDS = 5;
/** A side whose single run takes longer is timed by it alone. */
const LONG = 3000;

/**
 * Measures `row` on both sides.
 * @returns `{ name, ours, theirs, ratio, error, flops, bytes, dispatches, peak }`, times in
 * milliseconds a run, `error` the largest difference in units of the output's deviation, the last two
 * of both sides.
 */
export async function measure(row, ours, theirs) {
  const sides = [ours, theirs];
  const values = [];
  const timers = [];
  const dispatches = [];
  try {
    for (const side of sides) {
      const turn = take(side);
      side.clear(row);
      await collected();
      turn.peak = turn.bytes;
      await side.prepare(row);
    }
    for (const side of sides) {
      const turn = take(side);
      const began = performance.now();
      const before = turn.dispatches;
      values.push(await side.values());
      dispatches.push(turn.dispatches - before);
      // A first run compiles; where even that is little beside the run itself, one more is enough.
      if (performance.now() - began < 10 * LONG) await side.run(1);
      const single = await timed(side, 1);
      const count = Math.max(1, Math.min(500, Math.round(ROUND / single)));
      timers.push({ side, count, times: single > LONG ? [single] : [] });
    }
    const quick = timers.filter(({ times }) => times.length === 0);
    for (let round = 0; round < ROUNDS; round++) {
      for (const { side, count, times } of quick) times.push((await timed(side, count)) / count);
    }
  } finally {
    take(theirs);
    await theirs.close();
  }
  const error = difference(...values);
  const [mine, peers] = timers.map(({ times }) => median(times));
  const { flops, bytes } = cost(row);
  const peak = [counters.ours.peak, counters.peer.peak];
  const ratio = peers / mine;
  return {
    name: row.name,
    ours: mine,
    theirs: peers,
    ratio,
    error,
    flops,
    bytes,
    dispatches,
    peak,
  };
}

/** From now on what is counted is this side's. */
function take({ side }) {
  counters.side = side;
  return counters[side];
}

/** Buffers that nobody holds are counted as gone; with `node --expose-gc`. */
async function collected() {
  for (let turn = 0; turn < 3; turn++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function timed(side, count) {
  take(side);
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
    // No comparison with a number that is none is true.
    const apart = Math.abs(own[i] - other[i]);
    if (!(apart <= worst)) worst = apart;
    sum += other[i];
    squares += other[i] ** 2;
  }
  const mean = sum / own.length;
  return worst / Math.sqrt(squares / own.length - mean ** 2);
}

/**
 * The rows as a table in Markdown, the geometric mean of their ratios last. `ceiling` is in
 * operations a second.
 */
export function table(results, ceiling) {
  const lines = [
    "| row | ours ms | peer ms | peer / ours | our GFLOP/s | of the ceiling | our GB/s | difference | dispatches, ours and peer's | peak MiB, ours and peer's |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...results.map((r) => `| ${cells(r, ceiling).join(" | ")} |`),
  ];
  const logs = results.map(({ ratio }) => Math.log(ratio));
  const mean = Math.exp(logs.reduce((a, b) => a + b, 0) / logs.length);
  return [...lines, "", `geomean ${mean.toFixed(2)}`].join("\n");
}

function cells({ name, ours, theirs, ratio, error, flops, bytes, dispatches, peak }, ceiling) {
  const rate = flops / (ours / 1e3);
  return [
    `\`${name}\``,
    ours.toPrecision(3),
    theirs.toPrecision(3),
    `**${ratio.toFixed(2)}**`,
    flops > 0 ? (rate / 1e9).toFixed(rate < 1e11 ? 1 : 0) : "",
    flops > 0 ? `${((100 * rate) / ceiling).toFixed(0)} %` : "",
    bytes ? (bytes / ours / 1e6).toPrecision(3) : "",
    error.toExponential(0),
    dispatches.join(", "),
    peak.map((size) => (size / 2 ** 20).toFixed(0)).join(", "),
  ];
}
