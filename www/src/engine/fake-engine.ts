/**
 * A stand-in for the core, for development and tests without wasm: same tables, calls and events,
 * and a result that changes the marked pixels and no others.
 */

import { EngineError, type Engine, type OnEvent } from "./engine";
import { crop, regionsOf, segsText, sharesOf, tinted, type Marks } from "./fake-pictures";
import type {
  DetailRequest,
  DetailResult,
  ModelInfo,
  ModelSource,
  Recognised,
  Tables,
} from "./protocol";
import recorded from "./recorded-tables.json";
import { sourceName } from "./source";

const STEP_MS = 60;

export function createFakeEngine(): Engine {
  let isCancelled = false;
  let isRunning = false;
  const loading = async (source: ModelSource, onEvent: OnEvent): Promise<ModelInfo> => {
    const name = sourceName(source);
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
  };
  return {
    async start(backend) {
      await pause(50);
      const kind = backend === "cpu" ? "cpu" : "software";
      return {
        device: { kind, name: "Stand-in", detail: "no arithmetic" },
        // The compiler widens the names in a JSON file to strings.
        tables: recorded as Tables,
      };
    },
    loadModel: ({ source }, onEvent) => loading(source, onEvent),
    loadRefiner: ({ source }, onEvent) => loading(source, onEvent),
    recognise: ({ source }) => Promise.resolve(recognisedFrom(sourceName(source))),
    dropRefiner: () => Promise.resolve(null),
    addEmbedding: () => Promise.resolve({ tokens: 2 }),
    removeEmbedding: () => Promise.resolve(null),
    addLora: ({ source }) =>
      Promise.resolve({ name: sourceName(source), changed: 8, unmatched: [] }),
    removeLora: () => Promise.resolve(null),
    addControlNet: ({ source }) => Promise.resolve({ name: sourceName(source) }),
    removeControlNet: () => Promise.resolve(null),
    addMotionModule: ({ source }) =>
      Promise.resolve({ name: sourceName(source), version: "v3", frames: 32 }),
    removeMotionModule: () => Promise.resolve(null),
    addMotionLora: ({ source }) => Promise.resolve({ name: sourceName(source) }),
    removeMotionLora: () => Promise.resolve(null),
    loadVae: () => Promise.resolve(null),
    loadTaesd: () => Promise.resolve(null),
    dropTaesd: () => Promise.resolve(null),
    maskToSegs: async ({ mask }) => ({ segs: await segsText(mask, regionsOf({ mask }), []) }),
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
  request: DetailRequest,
  onEvent: OnEvent,
  isCancelled: () => boolean,
): Promise<DetailResult> {
  const { settings, node } = request;
  const steps = settings.steps ?? 20;
  const frames = request.frames ?? (request.image ? [request.image] : []);
  const [first] = frames;
  if (!first || (frames.length > 1 && !node.endsWith("AnimateDiff"))) {
    throw new EngineError({ code: "bad_request", message: `${node} cannot use these pictures.` });
  }
  const marks: Marks = {
    ...(request.mask && { mask: request.mask }),
    ...(request.segs !== undefined && { segs: request.segs }),
  };
  const regions = regionsOf(marks);
  for (const [segment, region] of regions.entries()) {
    onEvent({ type: "segment", index: segment, count: regions.length, crop_region: region });
    onEvent({ type: "stage", name: "encode" });
    await pause(STEP_MS);
    onEvent({ type: "stage", name: "sample" });
    for (let step = 0; step < steps; step++) {
      await pause(STEP_MS);
      if (isCancelled()) throw new EngineError({ code: "cancelled", message: "Cancelled." });
      onEvent({ type: "step", segment, cycle: 0, step, steps });
      onEvent({ type: "preview", ...previewOf((step + 1) / steps) });
    }
    onEvent({ type: "stage", name: "paste" });
  }
  const pastes = !node.startsWith("SEGSDetailer");
  const shares = sharesOf(marks, regions, first.width);
  const changed = frames.map((frame) => tinted(frame, shares));
  const copies = pastes ? (settings.batch_size ?? 1) : 1;
  const images = Array.from({ length: copies }).flatMap(() => (pastes ? changed : frames));
  const crops = regions.flatMap((region) => changed.map((frame) => crop(frame, region)));
  return {
    image: images[0] ?? first,
    images,
    segs: await segsText(first, regions, crops),
    cropped: regions.flatMap((region) => frames.map((frame) => crop(frame, region))),
    refined: crops,
    cnet_images: [],
    enhanced_alpha: pastes ? crops : [],
    segments: regions.map((region) => {
      return { label: "A", crop_region: region, bbox: region, skipped: null };
    }),
    timings: [{ stage: "sample", seconds: (steps * STEP_MS) / 1000 }],
    max_change_outside_mask: 0,
    heap_bytes: 0,
    cancelled: false,
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

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What a file is, going by its name alone. */
function recognisedFrom(name: string): Recognised {
  const used = (["lora", "embedding", "vae", "taesd"] as const).find((use) => name.includes(use));
  const usable_as = used ?? "checkpoint";
  return {
    kind: usable_as,
    family: "sd1",
    title: usable_as,
    sentence: `“${name}” is a ${usable_as}.`,
    bytes: 0,
    dtype: "F16",
    parameters: 0,
    usable_as,
    needs: [],
    gpu_bytes: { auto: 0, f32: 0, f16: 0, int8: 0, int4: 0 },
    problem: null,
  };
}
