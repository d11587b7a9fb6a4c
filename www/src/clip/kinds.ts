/** Which files are clips. Pure. */

import { isPng, pngChunks } from "../lib/png-text";

const VIDEO = /\.(mp4|m4v|mov|webm|mkv|qt)$/i;
const ARCHIVE = /\.zip$/i;
const MAY_MOVE = /\.(gif|png|apng|webp|avif)$/i;

/** What a file may be, by its name and type: a clip for sure, or a picture that may move. */
export function clipKindOf({ name, type }: { name: string; type: string }): ClipKind | null {
  if (VIDEO.test(name) || type.startsWith("video/")) return "video";
  if (ARCHIVE.test(name)) return "archive";
  return MAY_MOVE.test(name) || /^image\/(gif|png|apng|webp|avif)$/.test(type) ? "animation" : null;
}

export type ClipKind = "video" | "archive" | "animation";

/** The type of an animated picture that starts with `bytes`; null for one that stands still. */
export function animationType(bytes: Uint8Array): string | null {
  const text = (at: number, length: number): string => {
    return String.fromCharCode(...bytes.subarray(at, at + length));
  };
  // Only decoding tells how many pictures a GIF has.
  if (text(0, 4) === "GIF8") return "image/gif";
  if (isPng(bytes)) {
    return pngChunks(bytes).some(({ type }) => type === "acTL") ? "image/png" : null;
  }
  const isWebp = text(0, 4) === "RIFF" && text(8, 4) === "WEBP";
  // The second bit of the extended header's flags.
  if (isWebp) return text(12, 4) === "VP8X" && (bytes[20]! & 2) !== 0 ? "image/webp" : null;
  return text(4, 8) === "ftypavis" ? "image/avif" : null;
}
