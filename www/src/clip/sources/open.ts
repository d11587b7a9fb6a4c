/** From files to a clip, whatever they are. Worker only. */

import { unzipSync } from "fflate";
import { ClipError } from "../errors";
import { animationType, clipKindOf } from "../kinds";
import type { NamedBlob } from "../protocol";
import { openAnimation } from "./animation";
import { openPictures } from "./pictures";
import type { Source, Tell } from "./source";
import { openVideo } from "./video";

const PICTURE = /\.(png|jpe?g|webp|avif|gif|bmp)$/i;
/** Most bytes an archive may unpack to. */
const MOST_UNPACKED = 2e9;

/** Null when it is a single picture that stands still. */
export async function openSource(files: readonly NamedBlob[], tell: Tell): Promise<Source | null> {
  const [first] = files;
  if (!first) throw new ClipError("There are no frames to open.");
  if (files.length > 1) {
    const video = files.find(({ name, blob }) => clipKindOf({ name, type: blob.type }) === "video");
    if (!video) return openPictures(files, tell);
    throw new ClipError(
      `“${video.name}” is a clip of its own. Open it alone, or open pictures only.`,
    );
  }
  const { name, blob } = first;
  if (blob.size === 0) throw new ClipError(`“${name}” is empty. Open another clip.`);
  switch (clipKindOf({ name, type: blob.type })) {
    case "video":
      return openVideo(first, tell);
    case "archive":
      return openPictures(await unpacked(first), tell);
    case "animation": {
      const type = animationType(new Uint8Array(await blob.arrayBuffer()));
      return type ? openAnimation(first, type, tell) : null;
    }
    case null:
      return null;
  }
}

/** The pictures in an archive, by name. */
async function unpacked({ name, blob }: NamedBlob): Promise<NamedBlob[]> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let total = 0;
  const filter = (entry: { name: string; originalSize: number }): boolean => {
    const base = entry.name.split("/").at(-1) ?? "";
    if (!PICTURE.test(base) || base.startsWith(".") || entry.name.startsWith("__MACOSX")) {
      return false;
    }
    total += entry.originalSize;
    return total <= MOST_UNPACKED;
  };
  let entries: Record<string, Uint8Array<ArrayBuffer>>;
  try {
    entries = unzipSync(bytes, { filter });
  } catch {
    throw new ClipError(`“${name}” is not a whole ZIP archive. Save it again.`);
  }
  if (total > MOST_UNPACKED) {
    throw new ClipError(`“${name}” unpacks to more than 2 GB. Open it in parts.`);
  }
  const byName = new Intl.Collator(undefined, { numeric: true });
  const files = Object.entries(entries)
    .toSorted(([one], [other]) => byName.compare(one, other))
    .map(([entry, data]) => ({ name: entry, blob: new Blob([data]) }));
  if (files.length === 0) throw new ClipError(`“${name}” holds no pictures.`);
  return files;
}
