import { expect, it } from "vitest";
import { animationType, clipKindOf } from "../../../www/src/clip/kinds";
import { createApng } from "../../../www/src/clip/export/apng";
import { tinyPng } from "../../support/png";

it("tells clips by name or type", () => {
  const kind = (name: string, type = "") => clipKindOf({ name, type });
  expect(["a.mp4", "A.MOV", "a.webm", "a.mkv"].map((name) => kind(name))).toEqual(
    Array(4).fill("video"),
  );
  expect(kind("noname", "video/mp4")).toBe("video");
  expect(kind("frames.zip")).toBe("archive");
  expect(kind("a.gif")).toBe("animation");
  expect(kind("a.jpg", "image/jpeg")).toBeNull();
});

it("tells pictures that move from those that stand still", async () => {
  expect(animationType(tinyPng(16, 16))).toBeNull();
  const apng = createApng(1);
  apng.add(tinyPng(16, 16), 1);
  expect(animationType(new Uint8Array(await apng.finish().arrayBuffer()))).toBe("image/png");
  const text = (words: string) => Uint8Array.from(words, (letter) => letter.charCodeAt(0));
  expect(animationType(text("GIF89a"))).toBe("image/gif");
  expect(animationType(text("RIFF....WEBPVP8X....\x02"))).toBe("image/webp");
  expect(animationType(text("RIFF....WEBPVP8X....\x10"))).toBeNull();
  expect(animationType(text("RIFF....WEBPVP8 "))).toBeNull();
  expect(animationType(new Uint8Array())).toBeNull();
});
