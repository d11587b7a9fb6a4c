// The peer's side of a row: ONNX Runtime Web on WebGPU, tensors staying on the GPU.

import { cost, uniform } from "./values.mjs";

/** `ort` is the package's WebGPU module, `load(name)` gives a model's bytes. */
export function openTheirs(ort, load) {
  let session;
  let feeds;
  let device;
  return {
    async prepare(row) {
      session = await ort.InferenceSession.create(await load(row.name), {
        executionProviders: ["webgpu"],
        preferredOutputLocation: "gpu-buffer",
        graphOptimizationLevel: "all",
      });
      device = await ort.env.webgpu.device;
      feeds = Object.fromEntries(
        cost(row).inputs.map((dims, at) => [`input${at}`, input(ort, device, dims, at + 1)]),
      );
    },
    async run(times) {
      for (let i = 0; i < times; i++) {
        const outputs = await session.run(feeds);
        for (const tensor of Object.values(outputs)) tensor.dispose();
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
    },
  };
}

function input(ort, device, dims, seed) {
  const values = uniform(
    dims.reduce((a, b) => a * b, 1),
    seed,
  );
  const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
  const size = Math.ceil(values.byteLength / 16) * 16;
  const buffer = device.createBuffer({ size, usage: STORAGE | COPY_SRC | COPY_DST });
  device.queue.writeBuffer(buffer, 0, values);
  return ort.Tensor.fromGpuBuffer(buffer, { dataType: "float32", dims });
}
