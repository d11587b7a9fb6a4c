import { describe, expect, it } from "vitest";
import type { DetailResult, EngineEvent, Region } from "../../../www/src/engine/protocol";
import {
  bytesNeeded,
  ENGINE_BYTES,
  groupsOf,
  merged,
  mergedSegs,
  placer,
  sizeRefusal,
} from "../../../www/src/state/jobs";

const size = { width: 200, height: 100 };

describe("groups of segments", () => {
  it("are sent one by one where their crops do not touch, with a little room", () => {
    const regions: Region[] = [
      [100, 50, 140, 90],
      [10, 10, 40, 40],
    ];
    expect(groupsOf(regions, size)).toEqual([
      [8, 8, 42, 42],
      [98, 48, 142, 92],
    ]);
  });

  it("go together where they do, also through a third", () => {
    const regions: Region[] = [
      [10, 10, 50, 50],
      [80, 10, 120, 50],
      [45, 20, 85, 40],
    ];
    expect(groupsOf(regions, size)).toEqual([[8, 8, 122, 52]]);
  });

  it("stay in the picture", () => {
    expect(groupsOf([[0, 0, 200, 100]], size)).toEqual([[0, 0, 200, 100]]);
    expect(groupsOf([], size)).toEqual([]);
  });
});

describe("memory", () => {
  const settings = { guide_size: 512, max_size: 1024 };

  it("grows with frames, with the crop, and with how far it is enlarged", () => {
    const small = bytesNeeded(10, [0, 0, 128, 128], settings);
    expect(bytesNeeded(20, [0, 0, 128, 128], settings)).toBe(2 * small);
    expect(bytesNeeded(10, [0, 0, 256, 256], settings)).toBeGreaterThan(small);
    expect(bytesNeeded(10, [0, 0, 128, 128], { ...settings, guide_size: 256 })).toBeLessThan(small);
  });

  it("is what was measured", () => {
    // `heap_bytes` of runs over 8 and 16 frames on the processor.
    const perFrame = (184_549_376 - 121_569_280) / 8;
    const needed = bytesNeeded(1, [583, 198, 772, 359], { guide_size: 128, max_size: 1024 });
    expect(needed / perFrame).toBeGreaterThan(0.9);
    expect(needed / perFrame).toBeLessThan(1.1);
  });

  it("is refused in a sentence with the number of frames that fit", () => {
    expect(sizeRefusal(16, [0, 0, 512, 512], settings)).toBeNull();
    const text = sizeRefusal(2000, [0, 0, 512, 512], settings) ?? "";
    const fitting = Number(/Choose up to (\d+) frames/.exec(text)?.[1]);
    expect(bytesNeeded(fitting, [0, 0, 512, 512], settings)).toBeLessThanOrEqual(ENGINE_BYTES);
    expect(bytesNeeded(fitting + 1, [0, 0, 512, 512], settings)).toBeGreaterThan(ENGINE_BYTES);
    expect(text).toMatch(/^2000 frames of a 512 × 512 px crop need about 134\.2 GB/);
  });
});

describe("events of one request", () => {
  const segment = (index: number, count: number): EngineEvent => {
    return { type: "segment", index, count, crop_region: [0, 0, 10, 10] };
  };
  const step = (segment: number, cycle: number, step: number): EngineEvent => {
    return { type: "step", segment, cycle, step, steps: 4 };
  };

  it("count on from the groups before it, where they lie in the frame", () => {
    const place = placer({ first: 2, total: 5, counts: "segment", x: 30, y: 7, stepsEach: 4 });
    expect(place(segment(1, 2))).toMatchObject({
      index: 3,
      count: 5,
      crop_region: [30, 7, 40, 17],
    });
    expect(place(step(1, 0, 2))).toEqual(step(3, 0, 2));
    expect(place({ type: "stage", name: "sample" })).toEqual({ type: "stage", name: "sample" });
  });

  it("count as one frame, however many segments it has", () => {
    const place = placer({ first: 9, total: 150, counts: "frame", x: 0, y: 0, stepsEach: 8 });
    expect(place(segment(0, 2))).toMatchObject({ index: 9, count: 150 });
    // Two segments of two cycles of four steps: 16 in all, told as 8.
    expect(place(step(0, 0, 3))).toMatchObject({ segment: 9, cycle: 0, step: 1 });
    expect(place(step(0, 1, 3))).toMatchObject({ step: 3 });
    expect(place(step(1, 1, 3))).toMatchObject({ step: 7 });
  });
});

describe("what several requests gave", () => {
  const result = (stage: string): DetailResult => ({
    image: { data: new Uint8ClampedArray(4), width: 1, height: 1 },
    images: [],
    segs: JSON.stringify({
      schema: "burnish.segs",
      segments: [{ label: "A", bbox: [1, 2, 3, 4], crop_region: [0, 0, 5, 5] }],
    }),
    refined: [{ data: new Uint8ClampedArray(16), width: 2, height: 2 }],
    cnet_images: [],
    enhanced_alpha: [],
    cropped: [],
    segments: [{ label: "A", crop_region: [0, 0, 5, 5], bbox: [1, 2, 3, 4], skipped: null }],
    timings: [{ stage, seconds: 2 }],
    max_change_outside_mask: 0,
    heap_bytes: 7,
    cancelled: false,
  });
  const parts = [
    { result: result("sample"), x: 0, y: 0 },
    { result: result("sample"), x: 10, y: 20 },
  ];

  it("is one result, with its segments where they are in the frame", () => {
    const whole = merged(parts, 1000);
    expect(whole.segments.map(({ crop_region }) => crop_region)).toEqual([
      [0, 0, 5, 5],
      [10, 20, 15, 25],
    ]);
    expect(whole.timings).toEqual([{ stage: "sample", seconds: 4 }]);
    expect(whole.refined).toHaveLength(2);
    // Crops of a long clip are too many to be kept.
    expect(merged(parts, 20).refined).toEqual([]);
  });

  it("is one document", () => {
    const texts = parts.map(({ result, x, y }) => ({ text: result.segs, x, y }));
    expect(JSON.parse(mergedSegs(texts, size))).toEqual({
      schema: "burnish.segs",
      version: 1,
      size,
      segments: [
        { label: "A", bbox: [1, 2, 3, 4], crop_region: [0, 0, 5, 5] },
        { label: "A", bbox: [11, 22, 13, 24], crop_region: [10, 20, 15, 25] },
      ],
    });
  });
});
