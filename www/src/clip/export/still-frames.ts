/** Clips without sound: GIF, APNG, and PNG files in an archive. Worker only. */

import { Zip, ZipPassThrough } from "fflate";
import { applyPalette, GIFEncoder, quantize } from "gifenc";
import { lengthOf, type Film } from "../film";
import type { Saved } from "../protocol";
import type { Tell } from "../sources/source";
import { createApng } from "./apng";
import { frameDelays } from "./delays";

/** Most pixels of a frame that its colours are chosen by. */
const MOST_SAMPLED = 60_000;

/** Frames in turn, finished, on a canvas of the film's size. */
export type Frames = AsyncIterable<OffscreenCanvasRenderingContext2D>;

export async function saveGif(film: Film, frames: Frames, tell: Tell): Promise<Saved> {
  const { width, height, times } = film;
  const encoder = GIFEncoder();
  const delays = frameDelays(film);
  let at = 0;
  for await (const context of frames) {
    const { data } = context.getImageData(0, 0, width, height);
    const transparent = hasHoles(data);
    const format = transparent ? "rgba4444" : "rgb565";
    const options = { format, ...(transparent && { oneBitAlpha: true }) } as const;
    const palette = quantize(sampleOf(data), 256, options);
    const index = applyPalette(data, palette, format);
    const transparentIndex = Math.max(
      palette.findIndex((colour) => colour[3] === 0),
      0,
    );
    const delay = (delays[at] ?? 10) * 10;
    encoder.writeFrame(index, width, height, {
      ...{ palette, delay, repeat: 0 },
      ...(transparent && { transparent, transparentIndex, dispose: 2 }),
    });
    tell(++at, times.length);
  }
  encoder.finish();
  const blob = new Blob([encoder.bytes()], { type: "image/gif" });
  return { blob, ending: "gif", note: "Saved as a GIF: 256 colours a frame, no sound." };
}

export async function saveApng(film: Film, frames: Frames, tell: Tell): Promise<Saved> {
  const apng = createApng(film.times.length);
  let at = 0;
  for await (const { canvas } of frames) {
    apng.add(await pngBytes(canvas), lengthOf(film, at));
    tell(++at, film.times.length);
  }
  return { blob: apng.finish(), ending: "png", note: "Saved as an APNG: lossless, no sound." };
}

export async function savePngs(film: Film, frames: Frames, tell: Tell): Promise<Saved> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    parts.push(chunk);
  });
  const digits = String(film.times.length).length;
  let at = 0;
  for await (const { canvas } of frames) {
    // PNG files do not become smaller by being packed once more.
    const file = new ZipPassThrough(`frame-${String(at + 1).padStart(digits, "0")}.png`);
    zip.add(file);
    file.push(await pngBytes(canvas), true);
    tell(++at, film.times.length);
  }
  zip.end();
  const blob = new Blob(parts, { type: "application/zip" });
  return { blob, ending: "zip", note: "Saved as PNG files in a ZIP: lossless, no sound." };
}

/** Every so many pixels: enough to know the colours by, and looked at quickly. */
function sampleOf(data: Uint8ClampedArray): Uint8ClampedArray {
  const pixels = data.length / 4;
  // A prime number of them, so that no column of the picture is left out.
  const stride =
    [1, 2, 3, 5, 7, 11, 13, 17, 23].find((many) => pixels / many <= MOST_SAMPLED) ?? 29;
  const sample = new Uint8ClampedArray(4 * Math.ceil(pixels / stride));
  for (let at = 0; at < sample.length; at += 4) {
    sample.set(data.subarray(at * stride, at * stride + 4), at);
  }
  return sample;
}

async function pngBytes(canvas: OffscreenCanvas): Promise<Uint8Array<ArrayBuffer>> {
  const blob = await canvas.convertToBlob({ type: "image/png" });
  return new Uint8Array(await blob.arrayBuffer());
}

function hasHoles(data: Uint8ClampedArray): boolean {
  for (let at = 3; at < data.length; at += 4) if (data[at]! < 128) return true;
  return false;
}
