// Inputs that both sides make from a seed, and what a row costs.

/** `count` values of mean 0 and deviation 1; the same as in export.py and bench/web/values.rs. */
export function uniform(count, seed) {
  const offset = Math.imul(seed, 0x9e3779b9) >>> 0;
  return Float32Array.from({ length: count }, (_, at) => {
    let x = (at + offset) >>> 0;
    x ^= x >>> 16;
    x = Math.imul(x, 0x7feb352d);
    x ^= x >>> 15;
    x = Math.imul(x, 0x846ca68b);
    x ^= x >>> 16;
    return (((x >>> 0) / 2 ** 32) * 2 - 1) * Math.sqrt(3);
  });
}

const costs = {
  linear: ({ rows, inputs, outputs }) => ({
    inputs: [[1, rows, inputs]],
    flops: 2 * rows * inputs * outputs,
    values: rows * inputs + inputs * outputs + rows * outputs,
  }),
  matmul: ({ side }) => ({
    inputs: [
      [side, side],
      [side, side],
    ],
    flops: 2 * side ** 3,
    values: 3 * side ** 2,
  }),
  conv: ({ inputs, outputs, side, kernel, stride }) => ({
    inputs: [[1, inputs, side, side]],
    flops: 2 * outputs * inputs * kernel ** 2 * (side / stride) ** 2,
    values: inputs * side ** 2 + outputs * inputs * kernel ** 2 + outputs * (side / stride) ** 2,
  }),
  attention: ({ heads, queries, keys, head_dim }) => ({
    inputs: [queries, keys, keys].map((tokens) => [1, tokens, heads * head_dim]),
    flops: 4 * heads * queries * keys * head_dim,
    values: 2 * heads * head_dim * (queries + keys),
  }),
  group_norm_silu: ({ channels, side }) => ({
    inputs: [[1, channels, side, side]],
    flops: 0,
    values: 2 * channels * side ** 2,
  }),
  layer_norm: ({ rows, channels }) => ({
    inputs: [[1, rows, channels]],
    flops: 0,
    values: 2 * rows * channels,
  }),
  geglu: ({ rows, inputs }) => ({
    inputs: [[1, rows, inputs]],
    flops: 16 * rows * inputs ** 2,
    values: rows * inputs + 8 * inputs ** 2 + 4 * rows * inputs,
  }),
};

/**
 * A row's inputs (`{ dims }`, with `fill` for equal values and `ids` for tokens below it), its
 * operations and the fewest bytes it moves; of networks the exporter has said so.
 */
export function cost(row) {
  if (row.shards) return { inputs: row.inputs, flops: row.flops };
  const { values, inputs, ...rest } = costs[row.op](row);
  return { ...rest, inputs: inputs.map((dims) => ({ dims })), bytes: 4 * values };
}
