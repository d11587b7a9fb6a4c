/**
 * A stand-in for the core, for development and tests without wasm: same calls, same events, and a
 * result that changes the painted pixels and no others.
 */

import { EngineError, type Engine, type OnEvent } from "./engine";
import type { DetailRequest, DetailResult, MaskPixels, Region } from "./protocol";

const STEP_MS = 60;

export function createFakeEngine(): Engine {
  let isCancelled = false;
  let isRunning = false;
  return {
    async start(backend) {
      await pause(50);
      return {
        device: {
          kind: backend === "cpu" ? "cpu" : "software",
          name: "Stand-in",
          detail: "no arithmetic",
        },
        tables: {
          samplers: ["euler", "euler_ancestral", "dpmpp_2m", "ddim"],
          schedulers: ["normal", "karras", "simple", "sgm_uniform"],
        },
      };
    },
    async loadModel({ source }, onEvent) {
      const name = source.from === "file" ? source.file.name : source.name;
      if (source.from === "file" && source.file.size < 64) {
        throw new EngineError({
          code: "checkpoint",
          message: `“${name}” ends before its header does. Download it again.`,
        });
      }
      for (let done = 1; done <= 4; done++) {
        await pause(20);
        onEvent({ type: "loading", done: done * 5e6, total: 20e6 });
      }
      return { name };
    },
    async detail(request, onEvent) {
      if (isRunning) {
        throw new EngineError({
          code: "busy",
          message: "A run is going on. Wait for it or cancel it.",
        });
      }
      isRunning = true;
      isCancelled = false;
      try {
        return await run(request, onEvent, () => isCancelled);
      } finally {
        isRunning = false;
      }
    },
    cancel() {
      isCancelled = true;
    },
    dispose() {
      isCancelled = true;
    },
  };
}

async function run(
  { image, mask, settings }: DetailRequest,
  onEvent: OnEvent,
  isCancelled: () => boolean,
): Promise<DetailResult> {
  const region = boxOf(mask);
  onEvent({ type: "segment", index: 0, count: 1, crop_region: region });
  onEvent({ type: "stage", name: "encode" });
  await pause(STEP_MS);
  onEvent({ type: "stage", name: "sample" });
  for (let step = 0; step < settings.steps; step++) {
    await pause(STEP_MS);
    if (isCancelled()) throw new EngineError({ code: "cancelled", message: "Cancelled." });
    onEvent({ type: "step", segment: 0, cycle: 0, step, steps: settings.steps });
    onEvent({ type: "preview", ...previewOf((step + 1) / settings.steps) });
  }
  onEvent({ type: "stage", name: "paste" });
  const data = new Uint8ClampedArray(image.data);
  for (let at = 0; at < mask.data.length; at++) {
    const share = mask.data[at]! / 255;
    for (let channel = 0; channel < 3; channel++) {
      const value = data[at * 4 + channel]!;
      data[at * 4 + channel] =
        value + share * ((value < 128 ? value * 1.3 : 255 - (255 - value) / 1.5) - value);
    }
  }
  return {
    image: { data, width: image.width, height: image.height },
    segments: [{ label: "A", crop_region: region, bbox: region, skipped: null }],
    timings: [{ stage: "sample", seconds: (settings.steps * STEP_MS) / 1000 }],
    max_change_outside_mask: 0,
    heap_bytes: 0,
  };
}

function previewOf(share: number) {
  const side = 16;
  const rgba = new Uint8ClampedArray(side * side * 4);
  for (let at = 0; at < side * side; at++) {
    const noise = (1 - share) * 255 * Math.random();
    rgba.set([noise + share * 205, noise + share * 165, noise + share * 140, 255], at * 4);
  }
  return { width: side, height: side, rgba };
}

function boxOf({ data, width, height }: MaskPixels): Region {
  let [x1, y1, x2, y2]: Region = [width, height, 0, 0];
  data.forEach((value, at) => {
    if (value === 0) return;
    x1 = Math.min(x1, at % width);
    x2 = Math.max(x2, (at % width) + 1);
    y1 = Math.min(y1, Math.floor(at / width));
    y2 = Math.max(y2, Math.floor(at / width) + 1);
  });
  return [x1, y1, x2, y2];
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
