/** The clip that is open: its source, its masks, and what was redrawn of it. Worker only. */

import type { MaskPixels, Pixels, Region } from "../engine/protocol";
import { ClipError } from "./errors";
import { evenTimes, type Film, type Span } from "./film";
import { greyOf } from "./masks/grey";
import { blank, isBlank, takeMost } from "./masks/shape";
import type { Similarity } from "./masks/similarity";
import { MaskTrack } from "./masks/track";
import { createTracker, LOST } from "./masks/tracker";
import { Patches } from "./patches";
import type { Look, Painted, Shown, Tracked } from "./protocol";
import { canvasOf, type Source, type Tell } from "./sources/source";

/** Colour of the paint, as over a still picture. */
const PAINT: readonly [number, number, number] = [20, 184, 166];
/** Least brightness of a mask clip that counts; codecs leave noise in black. */
const DARK = 24;

export class OpenClip {
  readonly source: Source;
  readonly masks: MaskTrack;
  /** Of earlier results that were gone on from, and of the last one. */
  private readonly settled = new Patches();
  private readonly fresh = new Patches();
  private maskClip: Source | null = null;

  constructor(source: Source) {
    this.source = source;
    this.masks = new MaskTrack(source.film);
  }

  async look(frame: number): Promise<Look> {
    const context = await this.drawn(frame);
    const before = pixelsOf(context);
    const after = (await this.redraw(frame, context)) ? pixelsOf(context) : null;
    return { before, after, mask: copyOf(await this.maskAt(frame)) };
  }

  async show(frame: number, withMask: boolean): Promise<Shown> {
    const context = await this.drawn(frame);
    const before = await createImageBitmap(context.canvas);
    const isNew = await this.redraw(frame, context);
    const after = isNew ? context.canvas.transferToImageBitmap() : null;
    const mask = withMask ? await tinted(await this.maskAt(frame)) : null;
    return { before, after, mask };
  }

  async thumbnails(frames: readonly number[], height: number): Promise<ImageBitmap[]> {
    const pictures: ImageBitmap[] = [];
    for (const frame of frames) {
      const { canvas } = await this.finished(frame);
      const width = Math.max(Math.round((canvas.width * height) / canvas.height), 1);
      pictures.push(await createImageBitmap(canvas, { resizeWidth: width, resizeHeight: height }));
    }
    return pictures;
  }

  /** The frame with all that was redrawn of it. */
  async finished(frame: number): Promise<OffscreenCanvasRenderingContext2D> {
    const context = await this.drawn(frame);
    await this.redraw(frame, context);
    return context;
  }

  /** Every frame in turn, finished. */
  async *frames(): AsyncGenerator<OffscreenCanvasRenderingContext2D> {
    for (const frame of this.source.film.times.keys()) yield await this.finished(frame);
  }

  useMasks(source: Source | null): void {
    if (source) {
      const [mine, its] = [this.source.film, source.film];
      const [count, others] = [mine.times.length, its.times.length];
      if (count !== others) {
        source.close();
        throw new ClipError(
          `The mask clip “${its.name}” has ${others} frames, the clip has ${count}. Cut it to the same length.`,
        );
      }
    }
    this.maskClip?.close();
    this.maskClip = source;
  }

  /** Paint of a frame's own comes before the mask clip. */
  async maskAt(frame: number): Promise<MaskPixels> {
    if (!this.maskClip || this.masks.keys.includes(frame)) return this.masks.maskAt(frame);
    const { width, height } = this.source.film;
    const own = canvasOf(this.maskClip.film.width, this.maskClip.film.height);
    await this.maskClip.draw(frame, own);
    const context = canvasOf(width, height);
    context.drawImage(own.canvas, 0, 0, width, height);
    const { data } = greyOf(pixelsOf(context));
    const mask = blank({ width, height });
    data.forEach((value, at) => (mask.data[at] = value < DARK ? 0 : Math.round(value)));
    return mask;
  }

  async painted([from, to]: Span, tell: Tell): Promise<Painted> {
    const mask = blank(this.source.film);
    const frames: number[] = [];
    const isStill = this.maskClip === null && this.masks.isStill;
    if (isStill) {
      const still = this.masks.maskAt(from);
      takeMost(mask, still);
      if (!isBlank(still)) for (let frame = from; frame < to; frame++) frames.push(frame);
      return { mask, isStill, frames };
    }
    for (let frame = from; frame < to; frame++) {
      const here = await this.maskAt(frame);
      if (!isBlank(here)) frames.push(frame);
      takeMost(mask, here);
      tell(frame - from + 1, to - from);
    }
    return { mask, isStill, frames };
  }

  async crops(frames: readonly number[], region: Region, tell: Tell): Promise<Pixels[]> {
    const [x1, y1, x2, y2] = region;
    const pictures: Pixels[] = [];
    for (const frame of frames) {
      const context = await this.finished(frame);
      const { data, width, height } = context.getImageData(x1, y1, x2 - x1, y2 - y1);
      pictures.push({ data, width, height });
      tell(pictures.length, frames.length);
    }
    return pictures;
  }

  async maskCrops(frames: readonly number[], region: Region, tell: Tell): Promise<MaskPixels[]> {
    const masks: MaskPixels[] = [];
    for (const frame of frames) {
      masks.push(cropOf(await this.maskAt(frame), region));
      tell(masks.length, frames.length);
    }
    return masks;
  }

  async patch(
    frames: readonly number[],
    [x1, y1]: Region,
    only: Region,
    pictures: readonly Pixels[],
  ): Promise<void> {
    const [left, top, right, bottom] = only;
    const part: Region = [left - x1, top - y1, right - x1, bottom - y1];
    for (const [at, frame] of frames.entries()) {
      const picture = pictures[at];
      if (picture) await this.fresh.add(frame, only, cut(picture, part));
    }
  }

  setRate(fps: number): Film {
    const { film } = this.source;
    const count = film.times.length;
    this.source.film = { ...film, times: evenTimes(count, fps), duration: count / fps };
    return this.source.film;
  }

  /** Keeps what was redrawn as part of the clip, or forgets it. */
  settle(keep: boolean): void {
    if (keep) this.settled.take(this.fresh);
    else this.fresh.clear();
  }

  async track(key: number, until: number, tell: Tell): Promise<Tracked> {
    const step = until >= key ? 1 : -1;
    const total = Math.abs(until - key);
    const mask = await this.maskAt(key);
    const tracker = createTracker(greyOf(pixelsOf(await this.finished(key))), mask);
    if (!tracker) {
      throw new ClipError(
        isBlank(mask)
          ? "Nothing is painted on this frame. Paint over what should be followed."
          : "What is painted here looks the same all over, so it cannot be followed. Paint some of its edges too.",
      );
    }
    const motion: Similarity[] = [];
    for (let count = 1; count <= total; count++) {
      const frame = greyOf(pixelsOf(await this.finished(key + step * count)));
      const followed = tracker.next(frame);
      if (followed.fit <= LOST) return { motion, lost: true };
      motion.push(followed.motion);
      tell(count, total);
    }
    return { motion, lost: false };
  }

  close(): void {
    this.maskClip?.close();
    this.source.close();
  }

  private async drawn(frame: number): Promise<OffscreenCanvasRenderingContext2D> {
    const { width, height, times } = this.source.film;
    if (frame < 0 || frame >= times.length) {
      throw new ClipError(`The clip has no frame ${frame + 1}; it has ${times.length}.`);
    }
    const context = canvasOf(width, height);
    await this.source.draw(frame, context);
    await this.settled.draw(frame, context);
    return context;
  }

  /** Whether there was anything to lay over the frame. */
  private async redraw(
    frame: number,
    context: OffscreenCanvasRenderingContext2D,
  ): Promise<boolean> {
    await this.fresh.draw(frame, context);
    return this.fresh.has(frame);
  }
}

function pixelsOf(context: OffscreenCanvasRenderingContext2D): Pixels {
  const { width, height } = context.canvas;
  const { data } = context.getImageData(0, 0, width, height);
  return { data, width, height };
}

/** Masks of key frames stay here; what is sent is given away. */
function copyOf({ data, width, height }: MaskPixels): MaskPixels {
  return { data: data.slice(), width, height };
}

async function tinted({ data, width, height }: MaskPixels): Promise<ImageBitmap> {
  const pixels = new ImageData(width, height);
  for (let at = 0; at < data.length; at++) {
    pixels.data.set(PAINT, 4 * at);
    pixels.data[4 * at + 3] = data[at]!;
  }
  return createImageBitmap(pixels);
}

function cut(picture: Pixels, [x1, y1, x2, y2]: Region): Pixels {
  const [width, height] = [x2 - x1, y2 - y1];
  if (width === picture.width && height === picture.height) return picture;
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    const start = ((y + y1) * picture.width + x1) * 4;
    data.set(picture.data.subarray(start, start + width * 4), y * width * 4);
  }
  return { data, width, height };
}

function cropOf(mask: MaskPixels, [x1, y1, x2, y2]: Region): MaskPixels {
  const [width, height] = [x2 - x1, y2 - y1];
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const start = (y + y1) * mask.width + x1;
    data.set(mask.data.subarray(start, start + width), y * width);
  }
  return { data, width, height };
}
