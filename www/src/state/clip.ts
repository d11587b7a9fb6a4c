/** What there is to know of an open clip, and how it changes. Its pixels are the clip worker's. */

import { clampSpan, type Film, type Span } from "../clip/film";
import type { NamedBlob } from "../clip/protocol";

/** A frame whose mask was painted by hand. */
export interface KeyFrame {
  frame: number;
  /** Whether anything is painted on it. */
  painted: boolean;
}

/** Frames the tracker followed the paint of `key` to. */
export interface Followed {
  key: number;
  span: Span;
}

export interface ClipState {
  film: Film;
  /** What was opened, so that a reload can open it again. */
  files: readonly NamedBlob[];
  /** The frames a run is about. */
  span: Span;
  /** Whether a node for single pictures redraws the frame on screen, or every frame of the span. */
  scope: "frame" | "span";
  /** Rising. */
  keys: readonly KeyFrame[];
  followed: readonly Followed[];
  /** The name of the clip that gives each frame its mask; null for painted ones. */
  maskClip: string | null;
  loop: boolean;
  /** Whether the masks of the key frames beside this one show through. */
  onion: boolean;
}

/** Work on a clip that takes its time. */
export interface Chore {
  /** What is going on, as the page says it. */
  text: string;
  done: number;
  /** 0 while nobody knows. */
  total: number;
  cancelling: boolean;
}

export type ClipAction =
  | { type: "clip-changed"; change: Partial<Omit<ClipState, "files">> }
  | { type: "chore-changed"; chore: Chore | null };

export function newClip(film: Film, files: readonly NamedBlob[]): ClipState {
  return {
    ...{ film, files, span: [0, film.times.length], scope: "span" },
    ...{ keys: [], followed: [], maskClip: null, loop: true, onion: false },
  };
}

/** `clip` after `change`; the span stays inside it. */
export function changedClip(clip: ClipState, change: Partial<ClipState>): ClipState {
  const next = { ...clip, ...change };
  return { ...next, span: clampSpan(next.span, clip.film.times.length) };
}

/** Whether any frame has a mask. */
export function hasMasks({ keys, maskClip }: ClipState): boolean {
  return maskClip !== null || keys.some(({ painted }) => painted);
}

/** `keys` with one more, or with `frame` as it is now. */
export function withKey(keys: readonly KeyFrame[], key: KeyFrame): KeyFrame[] {
  return [...keys.filter(({ frame }) => frame !== key.frame), key].sort(
    (one, other) => one.frame - other.frame,
  );
}

/** The key frames before and after `frame`, for leafing through them. */
export function keysBeside(
  keys: readonly KeyFrame[],
  frame: number,
): { before: number | null; after: number | null } {
  const before = keys.findLast((key) => key.frame < frame)?.frame ?? null;
  const after = keys.find((key) => key.frame > frame)?.frame ?? null;
  return { before, after };
}
