import { describe, expect, it } from "vitest";
import { evenTimes } from "../../../../www/src/clip/film";
import { formatsFor } from "../../../../www/src/clip/export/formats";
import {
  frameLine,
  placeOf,
  stretchOf,
  timeLine,
  typedSpan,
  usualFormat,
} from "../../../../www/src/panels/timeline/logic";
import { newClip } from "../../../../www/src/state/clip";

const film = {
  ...{ name: "a.mp4", kind: "video" as const, width: 16, height: 16, duration: 5, audio: null },
  times: evenTimes(150, 30),
};

it("places frames from one end of the track to the other", () => {
  expect(placeOf(0, 101)).toBe(0);
  expect(placeOf(25, 101)).toBe(25);
  expect(placeOf(100, 101)).toBe(100);
  expect(placeOf(0, 1)).toBe(0);
  expect(stretchOf([25, 76], 101)).toEqual({ left: 25, width: 50 });
});

it("says which frame is on screen and when that is", () => {
  const clip = { ...newClip(film, []), keys: [{ frame: 36, painted: true }] };
  expect(frameLine(clip, 36)).toBe("Frame 37 of 150 · key");
  expect(frameLine(clip, 0)).toBe("Frame 1 of 150");
  expect(timeLine(film, 36)).toBe("0:01.20 / 0:05.00");
});

describe("a span that is typed", () => {
  it("counts from 1, and its other end gives way", () => {
    expect(typedSpan([0, 150], "from", "10")).toEqual([9, 150]);
    expect(typedSpan([0, 50], "from", "80")).toEqual([79, 80]);
    expect(typedSpan([40, 150], "to", "20")).toEqual([19, 20]);
    expect(typedSpan([40, 150], "to", "60")).toEqual([40, 60]);
  });

  it("is not taken when it is no whole number", () => {
    for (const typed of ["", " ", "x", "1.5"]) expect(typedSpan([0, 9], "to", typed)).toBeNull();
  });
});

it("suggests to save a clip as what it came as, as far as that can be", () => {
  const all = formatsFor(new Set(["avc", "vp9"]));
  const free = formatsFor(new Set(["vp9"]));
  const none = formatsFor(new Set());
  expect(usualFormat({ kind: "video", name: "a.mov" }, all)).toBe("mp4");
  expect(usualFormat({ kind: "video", name: "a.webm" }, free)).toBe("webm");
  expect(usualFormat({ kind: "video", name: "a.mp4" }, none)).toBe("gif");
  expect(usualFormat({ kind: "animation", name: "a.gif" }, all)).toBe("gif");
  expect(usualFormat({ kind: "animation", name: "a.png" }, all)).toBe("apng");
  expect(usualFormat({ kind: "pictures", name: "1.png" }, all)).toBe("png-zip");
});
