// The peer's side of a row: ONNX Runtime Web on WebGPU, tensors staying on the GPU.

import { cost, uniform } from "./values.mjs";

/** `ort` is the package's WebGPU module, `load(file)` gives a file's bytes. */
export function openTheirs(ort, load) {
  let session;
  let feeds;
  let device;
  return {
    side: "peer",
    clear() {},
    async prepare(row) {
      const externalData = [];
      for (const path of row.shards ?? []) externalData.push({ path, data: await load(path) });
      session = await ort.InferenceSession.create(await load(`${row.name}.onnx`), {
        executionProviders: ["webgpu"],
        externalData,
        preferredOutputLocation: "gpu-buffer",
        graphOptimizationLevel: "all",
      });
      device = await ort.env.webgpu.device;
      feeds = Object.fromEntries(
        cost(row).inputs.map((input, at) => [`input${at}`, tensor(ort, device, input, at + 1)]),
      );
    },
    async run(times) {
      for (let i = 0; i < times; i++) {
        const outputs = await session.run(feeds);
        for (const output of Object.values(outputs)) output.dispose();
      }
      await device.queue.onSubmittedWorkDone();
    },
    async values() {
      const [output] = Object.values(await session.run(feeds));
      const values = await output.getData();
      output.dispose();
      return values;
    },
    async close() {
      await session?.release();
      session = undefined;
    },
  };
}

function tensor(ort, device, { dims, fill, ids }, seed) {
  const count = dims.reduce((a, b) => a * b, 1);
  if (ids) return new ort.Tensor("int32", tokens(count, ids), dims);
  const values = fill === undefined ? uniform(count, seed) : new Float32Array(count).fill(fill);
  const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
  const size = Math.ceil(values.byteLength / 16) * 16;
  const buffer = device.createBuffer({ size, usage: STORAGE | COPY_SRC | COPY_DST });
  device.queue.writeBuffer(buffer, 0, values);
  return ort.Tensor.fromGpuBuffer(buffer, { dataType: "float32", dims });
}

/** As in bench/web/networks.rs. */
const tokens = (count, words) => Int32Array.from({ length: count }, (_, at) => (at * 7919) % words);
