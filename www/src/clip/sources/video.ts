/** MP4, MOV, WebM and MKV files, decoded by the browser as frames are asked for. Worker only. */

import {
  BlobSource,
  EncodedPacketSink,
  Input,
  VideoSampleSink,
  type InputVideoTrack,
  type VideoSample,
} from "mediabunny";
import { Cache } from "../cache";
import { ClipError } from "../errors";
import { frameAt } from "../film";
import type { NamedBlob } from "../protocol";
import { checkSize } from "../../lib/picture";
import { FORMATS } from "./containers";
import { CACHED_BYTES, canvasOf, inTurn, type Source, type Tell } from "./source";

/** Frames this far ahead are reached by decoding on rather than from the key frame before them. */
const AHEAD = 40;
/** Going backwards, so many frames before the one asked for are decoded with it. */
const BACK = 12;
/** Timestamps this close, in seconds, are the same frame's. */
const SAME = 1e-4;

export async function openVideo({ name, blob }: NamedBlob, tell: Tell): Promise<Source> {
  const input = new Input({ formats: FORMATS, source: new BlobSource(blob) });
  try {
    const track = await videoTrack(input, name);
    const stamps = await timestamps(track, tell);
    const [first] = stamps;
    if (first === undefined) throw new ClipError(`“${name}” holds no frames. Open another clip.`);
    const [width, height] = [await track.getDisplayWidth(), await track.getDisplayHeight()];
    checkSize({ width, height }, name);
    const audio = await input.getPrimaryAudioTrack();
    const end = await track.computeDuration();
    const film = {
      ...{ name, kind: "video" as const, width, height },
      times: stamps.map((stamp) => stamp - first),
      duration: Math.max(end - first, (stamps.at(-1) ?? first) - first),
      audio: audio && (await audio.getCodec()),
    };
    const frames = createFrames(track, stamps, film);
    return {
      film,
      sound: audio ? blob : null,
      draw: frames.draw,
      close() {
        frames.close();
        input.dispose();
      },
    };
  } catch (error) {
    input.dispose();
    if (error instanceof ClipError || (error instanceof Error && error.name === "PictureError")) {
      throw error;
    }
    throw damaged(name);
  }
}

function damaged(name: string): ClipError {
  return new ClipError(`“${name}” is damaged or cut short. Save or download it again.`);
}

async function videoTrack(input: Input, name: string): Promise<InputVideoTrack> {
  if (!(await input.canRead())) {
    throw new ClipError(
      `“${name}” is not a clip Burnish can read. Open an MP4, MOV, WebM, MKV, GIF, APNG or WebP.`,
    );
  }
  const track = await input.getPrimaryVideoTrack();
  if (!track) {
    // The list of what it holds is at the end of many files.
    if ((await input.getTracks()).length === 0) throw damaged(name);
    throw new ClipError(`“${name}” has no pictures in it. Open a clip with video.`);
  }
  if (await track.canDecode()) return track;
  const codec = (await track.getCodec()) ?? "unknown";
  throw new ClipError(
    `“${name}” is encoded as ${codec}, which this browser cannot decode. Convert it to VP9 or AV1, or open it in another browser.`,
  );
}

/** When each frame is shown, rising. */
async function timestamps(track: InputVideoTrack, tell: Tell): Promise<number[]> {
  const stamps: number[] = [];
  const packets = new EncodedPacketSink(track).packets(undefined, undefined, {
    metadataOnly: true,
  });
  for await (const { timestamp } of packets) {
    stamps.push(timestamp);
    if (stamps.length % 100 === 0) tell(stamps.length, 0);
  }
  stamps.sort((one, other) => one - other);
  return stamps.filter((stamp, at) => at === 0 || stamp - stamps[at - 1]! > SAME);
}

/** Decodes frames: one after the other as long as they are asked for like that, else from a key frame. */
function createFrames(
  track: InputVideoTrack,
  stamps: readonly number[],
  { name, width, height }: Source["film"],
) {
  const sink = new VideoSampleSink(track);
  const bytes = width * height * 4;
  const cache = new Cache<ImageBitmap>(CACHED_BYTES, bytes, (bitmap) => bitmap.close());
  const scratch = canvasOf(width, height);
  const turn = inTurn();
  let cursor: { samples: AsyncGenerator<VideoSample, void>; next: number } | null = null;
  let lastAsked = -1;

  async function stop(): Promise<void> {
    const old = cursor;
    cursor = null;
    await old?.samples.return();
  }

  async function bitmapOf(at: number): Promise<ImageBitmap> {
    const known = cache.get(at);
    if (known) return known;
    const isBackwards = at < lastAsked;
    const isNear = cursor !== null && at >= cursor.next && at <= cursor.next + AHEAD;
    if (!isNear) {
      await stop();
      const start = isBackwards ? Math.max(0, at - BACK) : at;
      cursor = { samples: sink.samples(stamps[start]), next: start };
    }
    const wanted = stamps[at]!;
    for (;;) {
      const { value: sample } = (await cursor?.samples.next().catch(() => {
        throw new ClipError(`Frame ${at + 1} of “${name}” cannot be decoded: the file is damaged.`);
      })) ?? { value: undefined };
      if (!sample) break;
      const index = frameAt(stamps, sample.timestamp + SAME);
      const isReached = sample.timestamp >= wanted - SAME;
      const bitmap = taken(sample);
      cache.set(index, bitmap);
      if (cursor) cursor.next = index + 1;
      if (index === at) return bitmap;
      // The decoder left the frame out: what follows stands in for it.
      if (isReached) return bitmap;
    }
    await stop();
    const before = at > 0 ? cache.get(at - 1) : undefined;
    if (before) return before;
    throw new ClipError(`Frame ${at + 1} of “${name}” cannot be decoded: the file is damaged.`);
  }

  function taken(sample: VideoSample): ImageBitmap {
    scratch.clearRect(0, 0, width, height);
    sample.draw(scratch, 0, 0, width, height);
    sample.close();
    return scratch.canvas.transferToImageBitmap();
  }

  return {
    draw: (at: number, context: OffscreenCanvasRenderingContext2D): Promise<void> =>
      turn(async () => {
        const bitmap = await bitmapOf(at);
        lastAsked = at;
        context.drawImage(bitmap, 0, 0);
      }),
    close(): void {
      void turn(async () => {
        await stop();
        cache.clear();
      });
    },
  };
}
