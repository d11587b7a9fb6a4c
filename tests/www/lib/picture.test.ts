import { describe, expect, it } from "vitest";
import { checkBytes, checkSize, fitWithin, PictureError } from "../../../www/src/lib/picture";
import { tinyPng } from "../../support/png";

function refusal(run: () => unknown): PictureError {
  try {
    run();
  } catch (error) {
    if (error instanceof PictureError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("checkBytes", () => {
  it("reads the size of a PNG", () => {
    expect(checkBytes(tinyPng(70, 40), "a.png")).toMatchObject({ width: 70, height: 40 });
  });

  it("names a file that is no picture", () => {
    const text = new TextEncoder().encode("Dear diary, today nothing happened.");
    expect(refusal(() => checkBytes(text, "diary.txt")).message).toBe(
      "“diary.txt” is not a picture Burnish can read. Open a PNG, JPEG, WebP, AVIF or GIF.",
    );
  });

  it("tells an empty file from a broken one", () => {
    expect(refusal(() => checkBytes(new Uint8Array(), "a.png")).message).toContain("is empty");
  });

  it("says that a truncated PNG is cut short", () => {
    const png = tinyPng(70, 40);
    for (const kept of [png.length - 1, png.length - 13, 40]) {
      expect(refusal(() => checkBytes(png.subarray(0, kept), "a.png")).message).toBe(
        "“a.png” is cut short: its end is missing. Download or save it again.",
      );
    }
  });
});

describe("checkSize", () => {
  it("takes 16 x 16 to 4096 x 4096", () => {
    checkSize({ width: 16, height: 16 }, "a.png");
    checkSize({ width: 4096, height: 4096 }, "a.png");
  });

  it("refuses a picture of one pixel", () => {
    expect(refusal(() => checkSize({ width: 1, height: 1 }, "dot.png")).message).toBe(
      "“dot.png” is 1 × 1 px; Burnish needs at least 16 px on each side.",
    );
  });

  it("offers to open a large picture smaller", () => {
    const { message, smaller } = refusal(() => checkSize({ width: 6000, height: 4000 }, "a.jpg"));
    expect(message).toContain("up to 4096 × 4096 px");
    expect(smaller).toEqual({ width: 4096, height: 2731 });
  });

  it("refuses one too large to be decoded, and says what to do", () => {
    const { message, smaller } = refusal(() => checkSize({ width: 12000, height: 9000 }, "a.jpg"));
    expect(message).toBe(
      "“a.jpg” is 12000 × 9000 px; Burnish works with up to 4096 × 4096 px. " +
        "Make it smaller in another program and open it again.",
    );
    expect(smaller).toBeNull();
  });
});

describe("fitWithin", () => {
  it("keeps the proportions and never enlarges", () => {
    expect(fitWithin({ width: 800, height: 400 }, 200)).toEqual({ width: 200, height: 100 });
    expect(fitWithin({ width: 80, height: 40 }, 200)).toEqual({ width: 80, height: 40 });
  });
});
