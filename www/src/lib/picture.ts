/** From a file to a picture, or to the sentence that says why not. */

import { imageSize } from "image-size";
import { isPng, pngChunks } from "./png-text";
import type { Picture } from "../state/state";

/** Longest side the page works with. */
export const MAX_SIDE = 4096;
/** Shortest side there is anything to detail in. */
export const MIN_SIDE = 16;
/** Larger pictures are not even decoded to be made smaller: 4 bytes a pixel add up. */
export const MAX_DECODED_PIXELS = 64_000_000;

export interface Size {
  width: number;
  height: number;
}

/** A picture that cannot be opened; `smaller` is set when it can be opened at that size. */
export class PictureError extends Error {
  readonly smaller: Size | null;

  constructor(message: string, smaller: Size | null = null) {
    super(message);
    this.name = "PictureError";
    this.smaller = smaller;
  }
}

/** Opens `blob`, at `scaleTo` when given. Throws a {@link PictureError}. */
export async function openPicture(blob: Blob, name: string, scaleTo?: Size): Promise<Picture> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const size = checkBytes(bytes, name);
  if (!scaleTo) checkSize(size, name);
  const bitmap = await createImageBitmap(blob, {
    ...(scaleTo && {
      resizeWidth: scaleTo.width,
      resizeHeight: scaleTo.height,
      resizeQuality: "high" as const,
    }),
  }).catch(() => {
    throw new PictureError(
      `“${name}” is damaged and cannot be shown. Save it again or open another.`,
    );
  });
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context)
    throw new PictureError("The browser refused a canvas for this picture; close some tabs.");
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
  return { name, pixels, blob: scaleTo ? await canvas.convertToBlob() : blob };
}

/** The size `bytes` say they have; throws when they are no picture or not all of one. */
export function checkBytes(bytes: Uint8Array, name: string): Size {
  if (bytes.length === 0) throw new PictureError(`“${name}” is empty. Open another picture.`);
  let size: Size;
  try {
    size = imageSize(bytes);
  } catch {
    throw new PictureError(
      `“${name}” is not a picture Burnish can read. Open a PNG, JPEG, WebP, AVIF or GIF.`,
    );
  }
  if (isCutShort(bytes)) {
    throw new PictureError(
      `“${name}” is cut short: its end is missing. Download or save it again.`,
    );
  }
  return size;
}

/** Throws when a picture of this size is not worked with. */
export function checkSize({ width, height }: Size, name: string): void {
  const is = `“${name}” is ${width} × ${height} px`;
  if (Math.min(width, height) < MIN_SIDE) {
    throw new PictureError(`${is}; Burnish needs at least ${MIN_SIDE} px on each side.`);
  }
  if (Math.max(width, height) <= MAX_SIDE) return;
  const limit = `${is}; Burnish works with up to ${MAX_SIDE} × ${MAX_SIDE} px.`;
  if (width * height > MAX_DECODED_PIXELS) {
    throw new PictureError(`${limit} Make it smaller in another program and open it again.`);
  }
  const smaller = fitWithin({ width, height }, MAX_SIDE);
  if (Math.min(smaller.width, smaller.height) < MIN_SIDE) throw new PictureError(limit);
  throw new PictureError(limit, smaller);
}

/** `size` made smaller so that its longer side is `side`. */
export function fitWithin({ width, height }: Size, side: number): Size {
  const scale = Math.min(1, side / Math.max(width, height));
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

/** Browsers show what is there of a cut file; half a face is no good start. */
function isCutShort(bytes: Uint8Array): boolean {
  if (isPng(bytes)) return pngChunks(bytes).at(-1)?.type !== "IEND";
  const isJpeg = bytes[0] === 0xff && bytes[1] === 0xd8;
  if (!isJpeg) return false;
  // The end marker; some cameras write more after it.
  for (let at = bytes.length - 2; at >= 2; at--) {
    if (bytes[at] === 0xff && bytes[at + 1] === 0xd9) return false;
  }
  return true;
}
