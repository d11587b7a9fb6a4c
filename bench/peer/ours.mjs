// Our side of a row: the kernels, through the wasm of bench/web.

/** Opens the adapter; `bindings` is the module wasm-bindgen wrote, `wasm` its bytes. */
export async function openOurs(bindings, wasm) {
  await bindings.default({ module_or_path: wasm });
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  const { description, vendor, architecture, device } = adapter.info;
  const name = [description, vendor, architecture, device].join(" ");
  const bench = await bindings.Bench.open(name, adapter.limits.maxStorageBufferBindingSize);
  return {
    async prepare(row) {
      bench.prepare(JSON.stringify(row));
    },
    run: (times) => bench.run(times),
    values: () => bench.values(),
    async close() {},
  };
}
