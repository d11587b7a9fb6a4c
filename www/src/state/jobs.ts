/** How a run over a clip is cut into requests, and how far each brings the whole. Pure. */

import type {
  DetailResult,
  EngineEvent,
  Pixels,
  Region,
  SegmentReport,
  Settings,
} from "../engine/protocol";
import type { Size } from "../lib/picture";
import { isRegion } from "../lib/segs";

/** Room around crops, in pixels, for what rounding may move. */
const MARGIN = 2;

/**
 * Groups of regions that touch one another, each as one region around them. What a frame node does to
 * one of them does not depend on the others, so each can be sent alone and cut out: a crop region is
 * limited by the picture's edges only, and whoever touches one still does.
 */
export function groupsOf(regions: readonly Region[], { width, height }: Size): Region[] {
  const groups: Region[] = [];
  for (const [x1, y1, x2, y2] of regions) {
    let whole: Region = [
      Math.max(x1 - MARGIN, 0),
      Math.max(y1 - MARGIN, 0),
      Math.min(x2 + MARGIN, width),
      Math.min(y2 + MARGIN, height),
    ];
    for (;;) {
      const at = groups.findIndex((group) => overlap(group, whole));
      const other = groups[at];
      if (!other) break;
      groups.splice(at, 1);
      whole = around(whole, other);
    }
    groups.push(whole);
  }
  return groups.sort((one, other) => one[1] - other[1] || one[0] - other[0]);
}

/** The smallest region around both. */
export function around(one: Region, other: Region): Region {
  return [
    Math.min(one[0], other[0]),
    Math.min(one[1], other[1]),
    Math.max(one[2], other[2]),
    Math.max(one[3], other[3]),
  ];
}

export function moved([x1, y1, x2, y2]: Region, dx: number, dy: number): Region {
  return [x1 + dx, y1 + dy, x2 + dx, y2 + dy];
}

function overlap(one: Region, other: Region): boolean {
  return one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3];
}

/** Memory the engine can have at the most: its addresses have 32 bits, and it needs some itself. */
export const ENGINE_BYTES = 3.2e9;

/**
 * Bytes the engine takes for `frames` of `region`. Each pixel of the crop is there as bytes, as three
 * floats several times over (what came, the canvas, the crop, what comes out), in masks and in the
 * answer; each of the enlarged crop as floats before and after sampling and in the networks. By
 * measurement 7.8 MB a frame for a crop of 189 x 161 px that is not enlarged, 256 bytes a pixel in all.
 */
export function bytesNeeded(frames: number, region: Region, settings: Partial<Settings>): number {
  const [width, height] = [region[2] - region[0], region[3] - region[1]];
  const { guide_size = 512, max_size = 1024 } = settings;
  const scale = Math.max(
    1,
    Math.min(guide_size / Math.min(width, height), max_size / Math.max(width, height)),
  );
  const pixels = width * height;
  return frames * pixels * (100 + 156 * scale * scale);
}

/** Why a request is too large, as a sentence; null when it is not. */
export function sizeRefusal(
  frames: number,
  region: Region,
  settings: Partial<Settings>,
): string | null {
  const needed = bytesNeeded(frames, region, settings);
  if (needed <= ENGINE_BYTES) return null;
  const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1);
  const few = Math.max(1, Math.floor((frames * ENGINE_BYTES) / needed));
  const [width, height] = [region[2] - region[0], region[3] - region[1]];
  return `${frames} frames of a ${width} × ${height} px crop need about ${gigabytes(needed)} GB in the engine, which has ${gigabytes(ENGINE_BYTES)} GB. Choose up to ${few} frames, paint less, or lower crop_factor or guide_size.`;
}

/** Where one request stands in the whole run. */
export interface Place {
  /** Number of its first segment, or of its frame. */
  first: number;
  /** Segments, or frames, of all requests. */
  total: number;
  counts: "segment" | "frame";
  /** Where its pictures lie in the frame. */
  x: number;
  y: number;
  /** Steps of all cycles of a segment. */
  stepsEach: number;
}

/** Makes events of one request into events of the whole run. */
export function placer(place: Place): (event: EngineEvent) => EngineEvent {
  const { first, total, counts, x, y, stepsEach } = place;
  let inner = 1;
  return (event) => {
    switch (event.type) {
      case "segment": {
        inner = Math.max(event.count, 1);
        const index = counts === "frame" ? first : first + event.index;
        const region = event.crop_region && { crop_region: moved(event.crop_region, x, y) };
        return { ...event, index, count: Math.max(total, index + 1), ...region };
      }
      case "step": {
        if (counts === "segment") return { ...event, segment: first + event.segment };
        // All segments of a frame together are one.
        const within = event.cycle * event.steps + event.step + 1;
        const share = (event.segment + within / stepsEach) / inner;
        const step = Math.round(share * stepsEach) - 1;
        return { ...event, segment: first, cycle: 0, step };
      }
      case "window":
        return { ...event, segment: first + (counts === "frame" ? 0 : event.segment) };
      case "skipped":
      case "note":
        return { ...event, segment: first + (counts === "frame" ? 0 : event.segment) };
      default:
        return event;
    }
  };
}

/** What several requests gave, as one result; crops beyond `most` bytes are left out. */
export function merged(
  parts: readonly { result: DetailResult; x: number; y: number }[],
  most: number,
): DetailResult {
  const all = parts.map(({ result }) => result);
  const seconds = new Map<string, number>();
  for (const { stage, seconds: more } of all.flatMap(({ timings }) => timings)) {
    seconds.set(stage, (seconds.get(stage) ?? 0) + more);
  }
  const crops = (key: "cropped" | "refined" | "cnet_images" | "enhanced_alpha") => {
    const pictures = all.flatMap((result) => result[key]);
    const bytes = pictures.reduce((sum, { data }) => sum + data.length, 0);
    return bytes > most ? [] : pictures;
  };
  const nothing: Pixels = { data: new Uint8ClampedArray(4), width: 1, height: 1 };
  return {
    image: nothing,
    images: [],
    // Too long to be put together before anybody asks for it.
    segs: "",
    cropped: crops("cropped"),
    refined: crops("refined"),
    cnet_images: crops("cnet_images"),
    enhanced_alpha: crops("enhanced_alpha"),
    segments: parts.flatMap(({ result, x, y }) =>
      result.segments.map((segment): SegmentReport => ({
        ...segment,
        crop_region: moved(segment.crop_region, x, y),
        bbox: moved(segment.bbox, x, y),
      })),
    ),
    timings: [...seconds].map(([stage, seconds]) => ({ stage, seconds })),
    max_change_outside_mask: Math.max(0, ...all.map((result) => result.max_change_outside_mask)),
    heap_bytes: Math.max(0, ...all.map(({ heap_bytes }) => heap_bytes)),
    cancelled: all.some(({ cancelled }) => cancelled),
  };
}

/** The document of a request, and where its pictures lie in the frame. */
export interface SegsPart {
  text: string;
  x: number;
  y: number;
}

/** The documents of several requests as one, their segments where they are in the frame. */
export function mergedSegs(parts: readonly SegsPart[], { width, height }: Size): string {
  const segments = parts.flatMap(({ text, x, y }) => {
    return segmentsIn(text).map((segment) => ({
      ...segment,
      bbox: isRegion(segment.bbox) ? moved(segment.bbox, x, y) : segment.bbox,
      crop_region: isRegion(segment.crop_region)
        ? moved(segment.crop_region, x, y)
        : segment.crop_region,
    }));
  });
  return JSON.stringify({ schema: "burnish.segs", version: 1, size: { width, height }, segments });
}

/** Whatever is wrong with a segment, the core says. */
function segmentsIn(text: string): Record<string, unknown>[] {
  const document: unknown = JSON.parse(text);
  if (typeof document !== "object" || document === null || !("segments" in document)) return [];
  const { segments } = document;
  if (!Array.isArray(segments)) return [];
  return segments.map((segment: unknown) => {
    return typeof segment === "object" && segment !== null ? { ...segment } : {};
  });
}
