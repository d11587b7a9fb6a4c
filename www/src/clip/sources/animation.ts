/** GIF, APNG, animated WebP and AVIF, by the browser's own decoder of pictures. Worker only. */

import { Cache } from "../cache";
import { ClipError } from "../errors";
import type { NamedBlob } from "../protocol";
import { checkSize } from "../../lib/picture";
import { CACHED_BYTES, canvasOf, inTurn, type Source, type Tell } from "./source";

/** What browsers take for a frame that says it stays for no time, in seconds. */
const NO_TIME = 0.1;

/** Null when it holds a single picture. */
export async function openAnimation(
  { name, blob }: NamedBlob,
  type: string,
  tell: Tell,
): Promise<Source | null> {
  if (!("ImageDecoder" in globalThis) || !(await ImageDecoder.isTypeSupported(type))) {
    throw new ClipError(
      `This browser cannot take animated pictures apart. Convert “${name}” to MP4 or WebM, or use Chrome or Firefox.`,
    );
  }
  const decoder = new ImageDecoder({ type, data: await blob.arrayBuffer() });
  try {
    await Promise.all([decoder.completed, decoder.tracks.ready]);
    const count = decoder.tracks.selectedTrack?.frameCount ?? 0;
    if (count < 2) {
      decoder.close();
      return null;
    }
    const lengths: number[] = [];
    let size = { width: 0, height: 0 };
    for (let frameIndex = 0; frameIndex < count; frameIndex++) {
      const { image } = await decoder.decode({ frameIndex });
      size = { width: image.displayWidth, height: image.displayHeight };
      lengths.push(image.duration ? image.duration / 1e6 : NO_TIME);
      image.close();
      tell(frameIndex + 1, count);
    }
    checkSize(size, name);
    return source(decoder, name, size, lengths);
  } catch (error) {
    decoder.close();
    if (error instanceof DOMException && error.name !== "AbortError") {
      throw new ClipError(`“${name}” is damaged or cut short. Save or download it again.`);
    }
    throw error;
  }
}

function source(
  decoder: ImageDecoder,
  name: string,
  { width, height }: { width: number; height: number },
  lengths: readonly number[],
): Source {
  const turn = inTurn();
  const cache = new Cache<ImageBitmap>(CACHED_BYTES, width * height * 4, (bitmap) =>
    bitmap.close(),
  );
  const scratch = canvasOf(width, height);

  async function bitmapOf(frameIndex: number): Promise<ImageBitmap> {
    const known = cache.get(frameIndex);
    if (known) return known;
    const { image } = await decoder.decode({ frameIndex });
    scratch.clearRect(0, 0, width, height);
    scratch.drawImage(image, 0, 0);
    image.close();
    const bitmap = scratch.canvas.transferToImageBitmap();
    cache.set(frameIndex, bitmap);
    return bitmap;
  }
  let end = 0;
  const times = lengths.map((length) => (end += length) - length);
  return {
    film: { name, kind: "animation", width, height, times, duration: end, audio: null },
    sound: null,
    draw: (at, context) => turn(async () => context.drawImage(await bitmapOf(at), 0, 0)),
    close() {
      void turn(() => {
        decoder.close();
        cache.clear();
        return Promise.resolve();
      });
    },
  };
}
