/** What the timeline shows and says. Pure. */

import { timecode, type Film, type Span } from "../../clip/film";
import type { Format, FormatName } from "../../clip/export/formats";
import type { ClipState } from "../../state/clip";

/** A stretch of the track, in percent of its length. */
export interface Stretch {
  left: number;
  width: number;
}

/** Where frame `at` of `count` lies on the track: the first at its left end, the last at its right. */
export function placeOf(at: number, count: number): number {
  return count < 2 ? 0 : (100 * at) / (count - 1);
}

/** The frames `from` up to `to`, half open. */
export function stretchOf([from, to]: Span, count: number): Stretch {
  const left = placeOf(from, count);
  return { left, width: Math.max(placeOf(to - 1, count) - left, 0) };
}

/** `0:01.20 / 0:05.00` */
export function timeLine(
  { times, duration }: Pick<Film, "times" | "duration">,
  at: number,
): string {
  return `${timecode(times[at] ?? 0)} / ${timecode(duration)}`;
}

/** `Frame 37 of 150`, with what it is. */
export function frameLine({ film, keys }: Pick<ClipState, "film" | "keys">, frame: number): string {
  const line = `Frame ${frame + 1} of ${film.times.length}`;
  return keys.some((key) => key.frame === frame) ? `${line} · key` : line;
}

/** The span after one of its ends was typed, counted from 1; null for what is no number. */
export function typedSpan(span: Span, end: "from" | "to", typed: string): Span | null {
  const number = Number(typed);
  if (typed.trim() === "" || !Number.isInteger(number)) return null;
  if (end === "from") return [number - 1, Math.max(span[1], number)];
  return [Math.min(span[0], number - 1), number];
}

/** What a clip of that kind is saved as unless another format is chosen. */
export function usualFormat(
  { kind, name }: Pick<Film, "kind" | "name">,
  formats: readonly Format[],
): FormatName {
  const video = formats.find(({ refusal }) => refusal === null)?.name ?? "apng";
  if (kind === "video") {
    const isWebm = /\.(webm|mkv)$/i.test(name);
    const webm = formats.find((format) => format.name === "webm" && format.refusal === null);
    return isWebm && webm ? "webm" : video;
  }
  if (kind === "pictures") return "png-zip";
  return /\.gif$/i.test(name) ? "gif" : "apng";
}
