import { describe, expect, it } from "vitest";
import {
  clampSpan,
  describe as describeFilm,
  evenTimes,
  fpsOf,
  frameAt,
  lengthOf,
  playedFrame,
  timecode,
} from "../../../www/src/clip/film";

const film = { times: evenTimes(150, 30), duration: 5 };

describe("time in a clip", () => {
  it("belongs to the last frame that has begun", () => {
    expect(frameAt(film.times, 0)).toBe(0);
    expect(frameAt(film.times, 1 / 30 - 1e-6)).toBe(0);
    expect(frameAt(film.times, 1 / 30)).toBe(1);
    expect(frameAt(film.times, 99)).toBe(149);
    expect(frameAt(film.times, -1)).toBe(0);
    // Frames of different length: 0 to 1 s, then 1 to 1.1 s.
    expect(frameAt([0, 1, 1.1], 0.99)).toBe(0);
    expect(frameAt([0, 1, 1.1], 1.05)).toBe(1);
  });

  it("knows rate and length of frames", () => {
    expect(fpsOf(film)).toBe(30);
    expect(lengthOf({ times: [0, 1, 1.1], duration: 2 }, 0)).toBe(1);
    expect(lengthOf({ times: [0, 1, 1.1], duration: 2 }, 2)).toBeCloseTo(0.9);
  });

  it("is written as minutes, seconds and hundredths", () => {
    expect(timecode(0)).toBe("0:00.00");
    expect(timecode(4.5333)).toBe("0:04.53");
    expect(timecode(59.999)).toBe("1:00.00");
    expect(timecode(3723.5)).toBe("1:02:03.50");
  });
});

describe("playing", () => {
  it("goes at the clip's rate and ends at the end", () => {
    expect(playedFrame(film, [0, 150], 0, 1.51, false)).toBe(45);
    expect(playedFrame(film, [0, 150], 140, 0.2, false)).toBe(146);
    expect(playedFrame(film, [0, 150], 140, 0.4, false)).toBeNull();
  });

  it("goes round within the span", () => {
    expect(playedFrame(film, [30, 60], 30, 0.99, true)).toBe(59);
    expect(playedFrame(film, [30, 60], 30, 1.02, true)).toBe(30);
    expect(playedFrame(film, [30, 60], 30, 7.52, true)).toBe(45);
  });

  it("stands still on a single frame", () => {
    expect(playedFrame({ times: [0], duration: 0 }, [0, 1], 0, 3, true)).toBeNull();
  });
});

it("keeps a span inside the clip, with a frame in it at least", () => {
  expect(clampSpan([-3, 999], 150)).toEqual([0, 150]);
  expect(clampSpan([20, 10], 150)).toEqual([20, 21]);
  expect(clampSpan([200, 300], 150)).toEqual([149, 150]);
});

it("tells what a clip is", () => {
  const all = { ...film, name: "a.mp4", kind: "video" as const, width: 1280, height: 720 };
  expect(describeFilm({ ...all, audio: "aac" })).toBe(
    "1280 × 720 px · 150 frames · 30 fps · sound",
  );
});
