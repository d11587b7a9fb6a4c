/** Finds out, before anything is loaded, whether WebGPU is here, and says how to get it if not. */

import type { Backend } from "./protocol";

export interface Probe {
  backend: Backend;
  /** Why the CPU is used, and what to do about it; null on WebGPU. */
  advice: string | null;
}

const GET_WEBGPU =
  "Chrome, Edge and Opera have it from version 113, Safari from 26, Firefox from 141 on Windows and 145 on Mac.";

/** Chooses the backend. `gpu` is `navigator.gpu`; `wanted` comes from the address or the user. */
export async function probe(
  gpu: Pick<GPU, "requestAdapter"> | undefined,
  wanted: Backend | null,
  secure = true,
): Promise<Probe> {
  if (wanted === "cpu") {
    return { backend: "cpu", advice: "Running on the CPU as you asked." };
  }
  if (!gpu) {
    const why = secure
      ? `This browser does not offer WebGPU. ${GET_WEBGPU}`
      : "WebGPU is only offered over https or on localhost. Open the page that way to use the GPU.";
    return { backend: "cpu", advice: `${why} Burnish goes on with the CPU, which is slower.` };
  }
  const adapter = await gpu
    .requestAdapter({ powerPreference: "high-performance" })
    .catch(() => null);
  if (adapter) return { backend: "webgpu", advice: null };
  return {
    backend: "cpu",
    advice:
      "The browser has WebGPU but found no graphics adapter it trusts. Update the graphics driver or turn on " +
      "hardware acceleration in the browser's settings. Burnish goes on with the CPU, which is slower.",
  };
}
