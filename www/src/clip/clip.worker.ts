/** The worker clips are decoded, masked and saved in: answers {@link ClipCalls}. */

import type { Failure } from "../engine/protocol";
import { PictureError } from "../lib/picture";
import { mergedSegs } from "../state/jobs";
import { ClipError } from "./errors";
import { formatsFor } from "./export/formats";
import { saveApng, saveGif, savePngs } from "./export/still-frames";
import { encodable, saveVideo } from "./export/video";
import { OpenClip } from "./open-clip";
import type { ClipCall, ClipCalls, ClipReply, ClipRequest } from "./protocol";
import { openSource } from "./sources/open";
import type { Tell } from "./sources/source";

declare const self: DedicatedWorkerGlobalScope;

let clip: OpenClip | null = null;
/** Calls that are to stop. */
const stopped = new Set<number>();

type Handlers = {
  [K in ClipCall]: (takes: ClipCalls[K]["takes"], tell: Tell) => Promise<ClipCalls[K]["gives"]>;
};

const handlers: Handlers = {
  async open({ files }, tell) {
    const source = await openSource(files, tell);
    if (!source) return { film: null };
    const opened = new OpenClip(source);
    try {
      // What cannot show its first frame is not opened at all.
      await opened.finished(0);
    } catch (error) {
      opened.close();
      throw error;
    }
    clip?.close();
    clip = opened;
    return { film: source.film };
  },
  look: ({ frame }) => open().look(frame),
  show: ({ frame, withMask }) => open().show(frame, withMask),
  thumbnails: async ({ frames, height }) => ({
    pictures: await open().thumbnails(frames, height),
  }),
  setKey: ({ frame, mask }) => done(() => open().masks.setKey(frame, mask)),
  setMotion: ({ key, ...motion }) => done(() => open().masks.setMotion(key, motion)),
  async openMasks({ files }, tell) {
    const into = open();
    const source = await openSource(files, tell);
    const name = files[0]?.name ?? "";
    if (!source) throw new ClipError(`“${name}” is a single picture, not a clip of masks.`);
    into.useMasks(source);
    return { name };
  },
  closeMasks: () => done(() => open().useMasks(null)),
  async track({ key, until }, tell) {
    const within = open();
    const tracked = await within.track(key, until, tell);
    const { motion } = tracked;
    within.masks.setMotion(key, until >= key ? { ahead: motion } : { back: motion });
    return tracked;
  },
  painted: ({ span }, tell) => open().painted(span, tell),
  crops: async ({ frames, region }, tell) => ({
    pictures: await open().crops(frames, region, tell),
  }),
  maskCrops: async ({ frames, region }, tell) => ({
    masks: await open().maskCrops(frames, region, tell),
  }),
  async patch({ frames, region, only, pictures }) {
    await open().patch(frames, region, only, pictures);
    return null;
  },
  setRate: ({ fps }) => Promise.resolve().then(() => ({ film: open().setRate(fps) })),
  settle: ({ keep }) => done(() => open().settle(keep)),
  mergeSegs: ({ parts }) =>
    Promise.resolve().then(() => {
      const text = mergedSegs(parts, open().source.film);
      return { blob: new Blob([text], { type: "application/json" }) };
    }),
  formats: async () => ({ formats: formatsFor(await encodable(open().source.film)) }),
  async save({ format }, tell) {
    const from = open();
    const { film } = from.source;
    switch (format) {
      case "mp4":
      case "webm":
        return saveVideo(format, from.source, from.frames(), tell);
      case "gif":
        return saveGif(film, from.frames(), tell);
      case "apng":
        return saveApng(film, from.frames(), tell);
      case "png-zip":
        return savePngs(film, from.frames(), tell);
    }
  },
};

self.onmessage = async ({ data: request }: MessageEvent<ClipRequest>) => {
  if ("stop" in request) return void stopped.add(request.stop);
  const { id } = request;
  const post = (reply: ClipReply, transfer: Transferable[] = []): void =>
    self.postMessage(reply, transfer);
  let toldMs = 0;
  const tell: Tell = (count, total) => {
    if (stopped.has(id)) throw new ClipError("Cancelled.", "cancelled");
    if (performance.now() - toldMs < 100 && count < total) return;
    toldMs = performance.now();
    post({ id, done: count, total });
  };
  try {
    // The union ties `takes` to `call`; the compiler loses that link over the lookup.
    const handle = handlers[request.call] as (
      takes: ClipCalls[ClipCall]["takes"],
      tell: Tell,
    ) => Promise<ClipCalls[ClipCall]["gives"]>;
    const gives = await handle(request.takes, tell);
    post({ id, gives }, buffersIn(gives));
  } catch (error) {
    post({ id, failure: failureFrom(error) });
  } finally {
    stopped.delete(id);
  }
};

function open(): OpenClip {
  if (!clip) throw new ClipError("No clip is open.");
  return clip;
}

function done(run: () => void): Promise<null> {
  return Promise.resolve().then(() => {
    run();
    return null;
  });
}

/** What is given away rather than copied. */
function buffersIn(value: unknown): Transferable[] {
  if (value instanceof ImageBitmap) return [value];
  if (ArrayBuffer.isView(value)) return value.buffer instanceof ArrayBuffer ? [value.buffer] : [];
  if (typeof value !== "object" || value === null || value instanceof Blob) return [];
  return Object.values(value).flatMap(buffersIn);
}

function failureFrom(error: unknown): Failure {
  if (error instanceof ClipError) return { code: error.code, message: error.message };
  if (error instanceof PictureError) return { code: "clip", message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  const isMemory = error instanceof RangeError || /allocation|memory/i.test(message);
  return {
    code: "clip",
    message: isMemory
      ? "The browser has too little memory for this clip. Close some tabs, or save another format."
      : `The clip could not be worked on: ${message}`,
  };
}
