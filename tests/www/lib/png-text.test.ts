import { crc32, deflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { recipeFromGraph } from "../../../www/src/lib/graph";
import { pngChunks, pngTexts, textOf, withText } from "../../../www/src/lib/png-text";
import { tinyPng } from "../../support/png";
import { bytesFrom, randomFrom } from "../../support/random";

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

/** `png` with a tEXt or iTXt chunk in front of its data, as other programs write them. */
function withChunk(png: Uint8Array, type: "tEXt" | "iTXt", data: Uint8Array): Uint8Array {
  const { start } = pngChunks(png).find(({ type }) => type === "IDAT")!;
  const head = new Uint8Array(8);
  new DataView(head.buffer).setUint32(0, data.length);
  head.set(new TextEncoder().encode(type), 4);
  const [before, after] = [png.subarray(0, start - 8), png.subarray(start - 8)];
  return Uint8Array.from([...before, ...head, ...data, 0, 0, 0, 0, ...after]);
}

describe("pngTexts", () => {
  const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

  it("reads tEXt as Latin-1 and iTXt with a language as UTF-8", () => {
    const png = withChunk(tinyPng(1, 1), "tEXt", bytes('prompt\0{"caf\xe9": 1}'));
    expect(pngTexts(png).get("prompt")).toBe('{"café": 1}');
    const utf8 = new TextEncoder().encode("workflow\0\0\0en\0Ablauf\0雪");
    expect(pngTexts(withChunk(png, "iTXt", utf8)).get("workflow")).toBe("雪");
  });

  it("passes over compressed texts, texts without a keyword, and other files", () => {
    const compressed = withChunk(tinyPng(1, 1), "iTXt", bytes("prompt\0\x01\0\0\0x"));
    expect(pngTexts(compressed).size).toBe(0);
    expect(pngTexts(withChunk(tinyPng(1, 1), "tEXt", bytes("\0text"))).size).toBe(0);
    expect(pngTexts(withChunk(tinyPng(1, 1), "iTXt", bytes("prompt\0\0\0en"))).size).toBe(0);
    expect(pngTexts(bytes("GIF89a, and prompt\0text")).size).toBe(0);
  });

  it("survives random bytes, every cut and changed bytes", () => {
    const random = randomFrom(11);
    const signature = tinyPng(1, 1).subarray(0, 8);
    const whole = withChunk(
      withText(tinyPng(2, 2), "burnish", "{}"),
      "tEXt",
      bytes('prompt\0{"1": {"class_type": "SEGSDetailer", "inputs": {"steps": 3}}}'),
    );
    const check = (png: Uint8Array) => {
      for (const [keyword, text] of pngTexts(png)) {
        expect(keyword).not.toBe("");
        expect(typeof text).toBe("string");
        recipeFromGraph(text);
      }
    };
    for (let length = 0; length <= whole.length; length++) check(whole.subarray(0, length));
    for (let round = 0; round < 2000; round++) {
      check(Uint8Array.from([...signature, ...bytesFrom(random, random() * 120)]));
      const changed = whole.slice();
      for (let hit = 0; hit < 4; hit++) {
        changed[Math.floor(random() * changed.length)] = random() * 256;
      }
      check(changed);
    }
  });
});
