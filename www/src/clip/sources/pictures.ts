/** Frames in files of their own. Worker only. */

import { Cache } from "../cache";
import { ClipError } from "../errors";
import { evenTimes, PICTURES_FPS } from "../film";
import type { NamedBlob } from "../protocol";
import { checkBytes, checkSize } from "../../lib/picture";
import { CACHED_BYTES, type Source, type Tell } from "./source";

/** `files` in the order they are shown. Each is decoded once, to find damaged ones before a run does. */
export async function openPictures(files: readonly NamedBlob[], tell: Tell): Promise<Source> {
  let size: { width: number; height: number; name: string } | null = null;
  for (const [at, file] of files.entries()) {
    checkSize(checkBytes(new Uint8Array(await file.blob.arrayBuffer()), file.name), file.name);
    const bitmap = await bitmapOf(file);
    const { width, height } = bitmap;
    bitmap.close();
    size ??= { width, height, name: file.name };
    if (width !== size.width || height !== size.height) {
      const [a, b] = [size, { width, height, name: file.name }].map((picture) => {
        return `“${picture.name}” is ${picture.width} × ${picture.height} px`;
      });
      throw new ClipError(`The frames of a clip must be of one size, but ${a} and ${b}.`);
    }
    tell(at + 1, files.length);
  }
  const [first] = files;
  if (!size || !first) throw new ClipError("There are no frames to open.");
  const { width, height } = size;
  const cache = new Cache<ImageBitmap>(CACHED_BYTES, width * height * 4, (bitmap) =>
    bitmap.close(),
  );
  const times = evenTimes(files.length, PICTURES_FPS);
  return {
    film: {
      ...{ name: first.name, kind: "pictures", width, height, times, audio: null },
      duration: files.length / PICTURES_FPS,
    },
    sound: null,
    async draw(at, context) {
      const file = files[at];
      const bitmap = cache.get(at) ?? (file && (await bitmapOf(file)));
      if (!bitmap) throw new ClipError(`The clip has no frame ${at + 1}.`);
      cache.set(at, bitmap);
      context.drawImage(bitmap, 0, 0);
    },
    close: () => cache.clear(),
  };
}

async function bitmapOf({ blob, name }: NamedBlob): Promise<ImageBitmap> {
  return createImageBitmap(blob).catch(() => {
    throw new ClipError(`“${name}” is damaged and cannot be shown. Save it again or leave it out.`);
  });
}
