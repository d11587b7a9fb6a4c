/** Which mask belongs to which frame: painted key frames, what lies between them, and what moves along. */

import type { MaskPixels } from "../../engine/protocol";
import { between, blank, moved } from "./shape";
import type { Similarity } from "./similarity";

/** Where the mask of a frame comes from. */
export type Origin =
  | { from: "nothing" }
  | { from: "key"; key: number }
  /** The mask of `key`, moved by the tracker's answer number `step`, counted from 1. */
  | { from: "motion"; key: number; step: number }
  | { from: "between"; keys: readonly [number, number]; t: number };

/**
 * Where the mask of `frame` comes from, with key frames at `keys`, rising. `tracked` says for how many
 * frames after a key, or before it where negative, its motion is known.
 */
export function originOf(
  frame: number,
  keys: readonly number[],
  tracked: (key: number) => Reach,
): Origin {
  if (keys.includes(frame)) return { from: "key", key: frame };
  const before = keys.findLast((key) => key < frame);
  const after = keys.find((key) => key > frame);
  if (before !== undefined && frame - before <= tracked(before).ahead) {
    return { from: "motion", key: before, step: frame - before };
  }
  if (after !== undefined && after - frame <= tracked(after).back) {
    return { from: "motion", key: after, step: frame - after };
  }
  if (before !== undefined && after !== undefined) {
    return { from: "between", keys: [before, after], t: (frame - before) / (after - before) };
  }
  const key = before ?? after;
  return key === undefined ? { from: "nothing" } : { from: "key", key };
}

/** For how many frames after and before a key its motion is known. */
export interface Reach {
  ahead: number;
  back: number;
}

/** The motion of a key's mask: from the key to the frames after it, and to those before it. */
export interface Motion {
  ahead: readonly Similarity[];
  back: readonly Similarity[];
}

/** Key frames and their motion; gives the mask of every frame. */
export class MaskTrack {
  private readonly size: { width: number; height: number };
  private readonly painted = new Map<number, MaskPixels>();
  private readonly motions = new Map<number, Motion>();

  constructor(size: { width: number; height: number }) {
    this.size = size;
  }

  /** Rising. */
  get keys(): number[] {
    return [...this.painted.keys()].sort((one, other) => one - other);
  }

  /** Whether all frames have the same mask. */
  get isStill(): boolean {
    return this.painted.size <= 1 && this.motions.size === 0;
  }

  /** Paint on a key; its motion was that of the old paint as much as of the new, and stays. */
  setKey(frame: number, mask: MaskPixels | null): void {
    if (mask) this.painted.set(frame, mask);
    else {
      this.painted.delete(frame);
      this.motions.delete(frame);
    }
  }

  setMotion(key: number, change: Partial<Motion>): void {
    this.motions.set(key, { ahead: [], back: [], ...this.motions.get(key), ...change });
  }

  clear(): void {
    this.painted.clear();
    this.motions.clear();
  }

  maskAt(frame: number): MaskPixels {
    const origin = originOf(frame, this.keys, (key) => this.reachOf(key));
    switch (origin.from) {
      case "nothing":
        return blank(this.size);
      case "key":
        return this.painted.get(origin.key) ?? blank(this.size);
      case "motion": {
        const { key, step } = origin;
        const { ahead, back } = this.motions.get(key) ?? { ahead: [], back: [] };
        const motion = step > 0 ? ahead[step - 1] : back[-step - 1];
        const mask = this.painted.get(key) ?? blank(this.size);
        return motion ? moved(mask, motion) : mask;
      }
      case "between": {
        const [one, other] = origin.keys.map((key) => this.painted.get(key) ?? blank(this.size));
        return between(one!, other!, origin.t);
      }
    }
  }

  private reachOf(key: number): Reach {
    const motion = this.motions.get(key);
    return { ahead: motion?.ahead.length ?? 0, back: motion?.back.length ?? 0 };
  }
}
