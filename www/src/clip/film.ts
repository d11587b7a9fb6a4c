/** What is known of a clip without decoding it, and where in it a moment lies. Pure. */

import type { Size } from "../lib/picture";

/** A clip. Its frames are decoded when they are looked at. */
export interface Film extends Size {
  name: string;
  /** Of one file: "video" or "animation"; "pictures" are frames in files of their own. */
  kind: "video" | "animation" | "pictures";
  /** When each frame begins, in seconds; the first at 0, rising. */
  times: readonly number[];
  /** In seconds. */
  duration: number;
  /** The codec of its sound; null without any. */
  audio: string | null;
}

/** Frames a second of pictures that come without a rate of their own. */
export const PICTURES_FPS = 8;

/** `count` frames at `fps` a second. */
export function evenTimes(count: number, fps: number): number[] {
  return Array.from({ length: count }, (_, at) => at / fps);
}

/** Frames a second, on the average. */
export function fpsOf({ times, duration }: Pick<Film, "times" | "duration">): number {
  return duration > 0 ? times.length / duration : PICTURES_FPS;
}

/** How long frame `at` stays, in seconds. */
export function lengthOf(
  { times, duration }: Pick<Film, "times" | "duration">,
  at: number,
): number {
  return (times[at + 1] ?? duration) - (times[at] ?? 0);
}

/** The frame on screen `seconds` after the clip began: the last that has begun by then. */
export function frameAt(times: readonly number[], seconds: number): number {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (times[middle]! <= seconds) low = middle;
    else high = middle - 1;
  }
  return Math.max(low, 0);
}

/** From and up to which frame, half open. */
export type Span = readonly [number, number];

/**
 * The frame to show `elapsed` seconds after playing began at frame `began`, within `span`; null once
 * the end is reached and the clip does not `loop`.
 */
export function playedFrame(
  film: Pick<Film, "times" | "duration">,
  span: Span,
  began: number,
  elapsed: number,
  loop: boolean,
): number | null {
  const [from, to] = span;
  const start = film.times[from] ?? 0;
  const end = film.times[to] ?? film.duration;
  const at = (film.times[began] ?? start) + elapsed;
  if (at < end) return Math.min(frameAt(film.times, at), to - 1);
  if (!loop || end <= start) return null;
  return Math.min(frameAt(film.times, start + ((at - start) % (end - start))), to - 1);
}

/** `0:04.53`, hours only where there are any. */
export function timecode(seconds: number): string {
  const hundredths = Math.max(0, Math.round(seconds * 100));
  const pad = (value: number): string => String(value).padStart(2, "0");
  const rest = `${pad(Math.floor(hundredths / 100) % 60)}.${pad(hundredths % 100)}`;
  const minutes = Math.floor(hundredths / 6000) % 60;
  const hours = Math.floor(hundredths / 360_000);
  return hours > 0 ? `${hours}:${pad(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** `span` made to hold at least one of `count` frames. */
export function clampSpan([from, to]: Span, count: number): Span {
  const start = Math.min(Math.max(Math.trunc(from), 0), count - 1);
  return [start, Math.min(Math.max(Math.trunc(to), start + 1), count)];
}

/** `1280 × 720 px · 150 frames · 30 fps · sound`. */
export function describe(film: Film): string {
  const fps = Math.round(fpsOf(film) * 100) / 100;
  const parts = [`${film.width} × ${film.height} px`, `${film.times.length} frames`, `${fps} fps`];
  return [...parts, ...(film.audio ? ["sound"] : [])].join(" · ");
}
