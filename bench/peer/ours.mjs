// Our side of a row: the kernels, through the wasm of bench/web.

import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { pathToFileURL } from "node:url";

/** Opens the adapter; `path` is that of the module wasm-bindgen wrote, `wasm` that of its bytes. */
export async function openBench(path, wasm) {
  const bindings = await import(pathToFileURL(path));
  await bindings.default({ module_or_path: readFileSync(wasm) });
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  const { description, vendor, architecture, device } = adapter.info;
  const name = [description, vendor, architecture, device].join(" ");
  return bindings.Bench.open(name, adapter.limits.maxStorageBufferBindingSize);
}

/** `checkpoint` is the path of what networks are read from. */
export async function openOurs(bindings, wasm, checkpoint) {
  const bench = await openBench(bindings, wasm);
  if (checkpoint) {
    const file = openSync(checkpoint);
    process.on("exit", () => closeSync(file));
    bench.checkpoint(fstatSync(file).size, (offset, length) => {
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length;) {
        const count = readSync(file, bytes, at, length - at, offset + at);
        if (count === 0) return bytes.subarray(0, at);
        at += count;
      }
      return bytes;
    });
  }
  return {
    side: "ours",
    clear: (row) => bench.clear(row.op !== "unet"),
    async prepare(row) {
      // What a network's inputs are, the exporter has told the peer alone.
      const { op, side } = row;
      bench.prepare(JSON.stringify(row.shards ? { op, side } : row));
    },
    run: (times) => bench.run(times),
    values: () => bench.values(),
    async close() {},
  };
}
