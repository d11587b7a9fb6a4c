import { describe, expect, it } from "vitest";
import { MaskTrack, originOf } from "../../../../www/src/clip/masks/track";
import { paintedBox } from "../../../../www/src/lib/mask";
import { disk, similarity } from "../../../support/masks";

const untracked = () => ({ ahead: 0, back: 0 });

describe("where a frame's mask comes from", () => {
  it("holds a single key over the whole clip", () => {
    expect(originOf(0, [5], untracked)).toEqual({ from: "key", key: 5 });
    expect(originOf(9, [5], untracked)).toEqual({ from: "key", key: 5 });
    expect(originOf(3, [], untracked)).toEqual({ from: "nothing" });
  });

  it("lies between two keys by time", () => {
    expect(originOf(4, [2, 10], untracked)).toEqual({ from: "between", keys: [2, 10], t: 0.25 });
  });

  it("follows the tracker as far as it got, and the key after it from there", () => {
    const tracked = (key: number) => ({ ahead: key === 2 ? 3 : 0, back: 0 });
    expect(originOf(5, [2, 10], tracked)).toEqual({ from: "motion", key: 2, step: 3 });
    expect(originOf(6, [2, 10], tracked).from).toBe("between");
    expect(originOf(10, [2, 10], tracked)).toEqual({ from: "key", key: 10 });
    // Paint put right on frame 4 takes over from there.
    expect(originOf(5, [2, 4, 10], tracked).from).toBe("between");
  });

  it("follows backwards as well", () => {
    const tracked = () => ({ ahead: 0, back: 4 });
    expect(originOf(3, [6], tracked)).toEqual({ from: "motion", key: 6, step: -3 });
  });
});

describe("a mask track", () => {
  const boxAt = (track: MaskTrack, frame: number) => paintedBox(track.maskAt(frame));

  it("gives every frame its mask", () => {
    const track = new MaskTrack({ width: 128, height: 96 });
    expect(boxAt(track, 0)).toBeNull();
    track.setKey(0, disk(30, 40, 10));
    expect(track.isStill).toBe(true);
    track.setKey(10, disk(50, 40, 10));
    expect(track.isStill).toBe(false);
    expect(boxAt(track, 5)).toEqual({ x1: 30, y1: 30, x2: 50, y2: 50 });
    track.setMotion(0, { ahead: [similarity({ y0: 20 })] });
    expect(boxAt(track, 1)).toEqual({ x1: 20, y1: 50, x2: 40, y2: 70 });
    track.setKey(0, null);
    expect(boxAt(track, 1)).toEqual(boxAt(track, 10));
    expect(track.keys).toEqual([10]);
  });
});
