// Chrome's own WebGPU without Chrome: Dawn in Node (npm package `webgpu`) as `navigator.gpu`.
// `VK_DRIVER_FILES` picks the driver.

import { create, globals } from "webgpu";

const fresh = () => ({ dispatches: 0, bytes: 0, peak: 0 });

/** What each side has asked of the device; `side` is the one whose turn it is. */
export const counters = { side: "ours", ours: fresh(), peer: fresh() };

/**
 * Makes Dawn's adapter the one that pages find.
 * @returns `{ name, isSoftware }`
 */
export async function openDawn() {
  Object.assign(globalThis, globals);
  const gpu = create([]);
  const navigator = { gpu, hardwareConcurrency: 2, language: "en", userAgent: "node" };
  Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });
  // What wgpu asks of a global object to believe that it is in a browser.
  globalThis.window = globalThis;
  globalThis.Window = Object;
  acceptSharedMemory();
  count();

  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) {
    console.error("Dawn finds no driver here that it can use; VK_DRIVER_FILES names one.");
    process.exit(2);
  }
  const { vendor, device, description } = adapter.info;
  const isSoftware = /swiftshader|llvmpipe/i.test(`${device} ${description}`);
  if (isSoftware) hideSubgroups(gpu);
  return { name: `${vendor} ${device}, ${description}`, isSoftware };
}

/** The peer's wasm memory is shared, which Dawn's writeBuffer refuses: it gets a copy. */
function acceptSharedMemory() {
  const { writeBuffer } = GPUQueue.prototype;
  GPUQueue.prototype.writeBuffer = function write(buffer, at, data, from, size) {
    if ((data.buffer ?? data) instanceof SharedArrayBuffer) {
      return writeBuffer.call(this, buffer, at, data.slice(from ?? 0, (from ?? 0) + size));
    }
    return writeBuffer.apply(this, arguments);
  };
}

/** Counts dispatches and the bytes of buffers that are alive. */
function count() {
  const { createBuffer } = GPUDevice.prototype;
  const { destroy } = GPUBuffer.prototype;
  const { dispatchWorkgroups } = GPUComputePassEncoder.prototype;
  const owners = new WeakMap();
  // What nobody destroys is gone when it is collected.
  const dropped = new FinalizationRegistry((entry) => release(entry));
  const release = (entry) => {
    entry.owner.bytes -= entry.size;
    entry.size = 0;
  };
  GPUDevice.prototype.createBuffer = function create(descriptor) {
    const buffer = createBuffer.call(this, descriptor);
    const owner = counters[counters.side];
    const entry = { owner, size: descriptor.size };
    owners.set(buffer, entry);
    dropped.register(buffer, entry);
    owner.bytes += descriptor.size;
    owner.peak = Math.max(owner.peak, owner.bytes);
    return buffer;
  };
  GPUBuffer.prototype.destroy = function free() {
    const entry = owners.get(this);
    if (entry) release(entry);
    return destroy.call(this);
  };
  GPUComputePassEncoder.prototype.dispatchWorkgroups = function dispatch(...groups) {
    counters[counters.side].dispatches++;
    return dispatchWorkgroups.apply(this, groups);
  };
}

/**
 * The peer's attention is wrong where subgroups have four lanes, as SwiftShader's have: there neither
 * side gets to see them.
 */
function hideSubgroups(gpu) {
  const ask = gpu.requestAdapter.bind(gpu);
  gpu.requestAdapter = async (options) => {
    const found = await ask(options);
    const visible = [...found.features].filter((feature) => !feature.startsWith("subgroup"));
    return Object.defineProperty(found, "features", { value: new Set(visible) });
  };
}

/** f32 operations a second that chains of fused multiply-adds reach: the ceiling of every product. */
export async function ceiling(isSoftware) {
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  const device = await adapter.requestDevice();
  const [steps, chains] = [256, 16];
  const names = Array.from({ length: chains }, (_, i) => `v${i}`);
  const code = `@group(0) @binding(0) var<storage, read_write> out: array<vec4<f32>>;
@compute @workgroup_size(128) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let a = vec4<f32>(f32(id.x & 7u) * 0.01); let b = vec4<f32>(0.5);
  ${names.map((name, i) => `var ${name} = vec4<f32>(${i}.0);`).join(" ")}
  for (var i = 0u; i < ${steps}u; i++) { ${names.map((name) => `${name} = fma(${name}, a, b);`).join(" ")} }
  out[id.x & 1023u] = ${names.join(" + ")};
}`;
  const compute = { module: device.createShaderModule({ code }), entryPoint: "main" };
  const pipeline = device.createComputePipeline({ layout: "auto", compute });
  const buffer = device.createBuffer({ size: 16384, usage: GPUBufferUsage.STORAGE });
  const entries = [{ binding: 0, resource: { buffer } }];
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  const groups = isSoftware ? 64 : 65535;
  let best = Infinity;
  for (let round = 0; round < 4; round++) {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(groups);
    pass.end();
    const began = performance.now();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    best = Math.min(best, performance.now() - began);
  }
  device.destroy();
  return (groups * 128 * steps * chains * 4 * 2) / (best / 1e3);
}
