/** Small safetensors files for tests. */

/** A file with `tensors` of f32 values, each by its path: shape and what they are filled with. */
export function safetensors(
  tensors: Record<string, { shape: readonly number[]; fill: number }>,
): Buffer {
  const header: Record<string, unknown> = {};
  const data: Buffer[] = [];
  let end = 0;
  for (const [path, { shape, fill }] of Object.entries(tensors)) {
    const values = new Float32Array(shape.reduce((all, side) => all * side, 1)).fill(fill);
    const begin = end;
    end += values.byteLength;
    header[path] = { dtype: "F32", shape, data_offsets: [begin, end] };
    data.push(Buffer.from(values.buffer));
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, ...data]);
}
