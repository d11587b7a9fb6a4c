/** What the page reads of a SEGS document; the core reads the rest. */

import type { Region } from "../engine/protocol";
import type { Size } from "./picture";

export interface SegsSummary {
  /** Of the picture the segments lie in. */
  size: Size;
  segments: readonly { label: string; region: Region }[];
}

/** Why a document cannot be used, as a sentence. */
export class SegsError extends Error {}

/** Size and crop regions of the document `text` from the file `name`. Throws a {@link SegsError}. */
export function summaryOf(text: string, name: string): SegsSummary {
  const document = parsed(text);
  if (document?.schema !== "burnish.segs") {
    throw new SegsError(`“${name}” holds no segments. Open a JSON file that Burnish saved.`);
  }
  if (document.version !== 1) {
    throw new SegsError(
      `“${name}” is of version ${String(document.version)}, this page reads version 1. Reload the page to get the newest.`,
    );
  }
  const { size, segments } = document;
  if (!isSize(size) || !Array.isArray(segments)) throw damaged(name);
  return { size, segments: segments.map((segment: unknown) => segmentOf(segment, name)) };
}

/** Whether `text` says that it holds segments. */
export function isSegs(text: string): boolean {
  return parsed(text)?.schema === "burnish.segs";
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

function segmentOf(segment: unknown, name: string): SegsSummary["segments"][number] {
  if (typeof segment !== "object" || segment === null || !("crop_region" in segment)) {
    throw damaged(name);
  }
  const { crop_region: corners } = segment;
  if (!isRegion(corners)) throw damaged(name);
  const label = "label" in segment && typeof segment.label === "string" ? segment.label : "A";
  return { label, region: corners };
}

/** Whether these are the four numbers of a region. */
export function isRegion(corners: unknown): corners is Region {
  if (!Array.isArray(corners) || corners.length !== 4) return false;
  return corners.every((corner) => typeof corner === "number");
}

function isSize(size: unknown): size is Size {
  return (
    typeof size === "object" &&
    size !== null &&
    "width" in size &&
    "height" in size &&
    typeof size.width === "number" &&
    typeof size.height === "number"
  );
}

function damaged(name: string): SegsError {
  return new SegsError(`“${name}” is damaged: a segment in it lacks its place. Save it again.`);
}
