import { expect, it } from "vitest";
import { evenTimes, type Film } from "../../../www/src/clip/film";
import { hasMasks, keysBeside, newClip, withKey } from "../../../www/src/state/clip";

const film: Film = {
  ...{ name: "a.mp4", kind: "video", width: 16, height: 16, duration: 1, audio: null },
  times: evenTimes(10, 10),
};

it("begins with all of the clip and no masks", () => {
  const clip = newClip(film, []);
  expect(clip.span).toEqual([0, 10]);
  expect(hasMasks(clip)).toBe(false);
});

it("has masks once one is painted, or a clip gives them", () => {
  const clip = newClip(film, []);
  expect(hasMasks({ ...clip, keys: [{ frame: 3, painted: false }] })).toBe(false);
  expect(hasMasks({ ...clip, keys: [{ frame: 3, painted: true }] })).toBe(true);
  expect(hasMasks({ ...clip, maskClip: "m.mp4" })).toBe(true);
});

it("keeps key frames in order, each once", () => {
  const one = withKey([], { frame: 5, painted: true });
  const two = withKey(one, { frame: 2, painted: true });
  expect(withKey(two, { frame: 5, painted: false })).toEqual([
    { frame: 2, painted: true },
    { frame: 5, painted: false },
  ]);
  expect(keysBeside(two, 3)).toEqual({ before: 2, after: 5 });
  expect(keysBeside(two, 2)).toEqual({ before: null, after: 5 });
  expect(keysBeside(two, 9)).toEqual({ before: 5, after: null });
});
