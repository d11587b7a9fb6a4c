import { crc32, deflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { pngChunks, textOf, withText } from "../../../www/src/lib/png-text";
import { tinyPng } from "../../support/png";

describe("withText", () => {
  it("puts a chunk with a right checksum before the image data", () => {
    const png = withText(tinyPng(2, 2), "burnish", '{"prompt":"Straße 雪"}');
    const chunks = pngChunks(png);
    expect(chunks.map(({ type }) => type)).toEqual(["IHDR", "iTXt", "IDAT", "IEND"]);
    const { start, length } = chunks[1]!;
    const stored = new DataView(png.buffer).getUint32(start + length);
    // zlib's CRC-32 is the PNG specification's.
    expect(stored).toBe(crc32(png.subarray(start - 4, start + length)));
  });

  it("gives back what was put in, umlauts and all", () => {
    const text = "a woman with grey-blue eyes, Grüße 雪";
    expect(textOf(withText(tinyPng(1, 1), "burnish", text), "burnish")).toBe(text);
  });

  it("leaves the image data as they were", () => {
    const plain = tinyPng(3, 1);
    const data = (png: Uint8Array) => {
      const { start, length } = pngChunks(png).find(({ type }) => type === "IDAT")!;
      return png.slice(start, start + length);
    };
    expect(data(withText(plain, "burnish", "x"))).toEqual(data(plain));
    expect(data(plain)).toEqual(new Uint8Array(deflateSync(new Uint8Array(10))));
  });
});

describe("textOf", () => {
  it("is null without such a chunk", () => {
    expect(textOf(tinyPng(1, 1), "burnish")).toBeNull();
    expect(textOf(withText(tinyPng(1, 1), "other", "x"), "burnish")).toBeNull();
  });
});

describe("pngChunks", () => {
  it("ends without IEND when the file is cut short", () => {
    const png = tinyPng(4, 4);
    expect(pngChunks(png.subarray(0, png.length - 6)).at(-1)?.type).toBe("IDAT");
  });
});
