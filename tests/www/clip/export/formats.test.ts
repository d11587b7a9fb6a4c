import { describe, expect, it } from "vitest";
import {
  codecFor,
  CONTAINERS,
  formatsFor,
  soundPlan,
  type VideoName,
} from "../../../../www/src/clip/export/formats";

const [mp4, webm] = CONTAINERS as [(typeof CONTAINERS)[number], (typeof CONTAINERS)[number]];
const can = (...names: VideoName[]) => new Set(names);

describe("the codec of a clip", () => {
  it("is the first of its container that the browser encodes", () => {
    expect(codecFor(mp4, can("avc", "vp9"))).toBe("avc");
    expect(codecFor(mp4, can("vp9", "av1"))).toBe("vp9");
    expect(codecFor(webm, can("avc", "vp8"))).toBe("vp8");
    expect(codecFor(webm, can("avc"))).toBeNull();
  });

  it("shows in the list, as does what cannot be", () => {
    const labels = formatsFor(can("vp8")).map(({ label, refusal }) => [label, refusal]);
    expect(labels).toEqual([
      ["MP4", "This browser cannot encode MP4. Save another format."],
      ["WebM (VP8)", null],
      ["GIF (256 colours)", null],
      ["APNG (lossless)", null],
      ["PNG files (ZIP)", null],
    ]);
  });
});

describe("the sound of a clip", () => {
  it("is copied where the container takes it", () => {
    expect(soundPlan(mp4, "aac", true)).toEqual({ do: "copy" });
    expect(soundPlan(webm, "opus", false)).toEqual({ do: "copy" });
    expect(soundPlan(webm, null, true)).toEqual({ do: "nothing" });
  });

  it("is encoded anew or left out, and said so, where it does not", () => {
    expect(soundPlan(webm, "aac", true)).toEqual({ do: "encode", codec: "opus" });
    expect(soundPlan(webm, "aac", false)).toEqual({
      do: "drop",
      why: "Its sound is AAC, which does not go into WebM; it was left out.",
    });
  });
});
