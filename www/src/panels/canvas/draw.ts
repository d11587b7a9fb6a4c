/** Draws the picture with whatever lies over it. */

import type { Region } from "../../engine/protocol";
import { paintedBox, type Box, type MaskDocument } from "../../lib/mask";
import type { View } from "../../lib/view";

type Colour = readonly [number, number, number];

/** Colour of the paint over the picture; teal stands off from skin and hair. */
const PAINT: Colour = [20, 184, 166];
/** Colours of the paint on the key frames before and after. */
export const GHOSTS: { before: Colour; after: Colour } = {
  before: [217, 119, 6],
  after: [99, 102, 241],
};

/** Something to draw at its own size. */
export interface Sheet {
  canvas: HTMLCanvasElement | ImageBitmap;
}

/** Pixels at their own size, ready to be drawn scaled. */
export class Layer implements Sheet {
  readonly canvas: HTMLCanvasElement;
  private readonly context: CanvasRenderingContext2D | null;

  constructor(width: number, height: number) {
    this.canvas = document.createElement("canvas");
    this.canvas.width = width;
    this.canvas.height = height;
    this.context = this.canvas.getContext("2d");
  }

  static of(pixels: ImageData): Layer {
    const layer = new Layer(pixels.width, pixels.height);
    layer.context?.putImageData(pixels, 0, 0);
    return layer;
  }

  /** Takes over the mask inside `box`; the mask's value becomes the layer's opacity. */
  paint(mask: MaskDocument, { x1, y1, x2, y2 }: Box, [red, green, blue] = PAINT): void {
    const pixels = new ImageData(x2 - x1, y2 - y1);
    // A pixel at once, its bytes in the order every browser's machine has them.
    const words = new Uint32Array(pixels.data.buffer);
    const colour = (blue << 16) | (green << 8) | red;
    let at = 0;
    for (let y = y1; y < y2; y++) {
      const row = y * mask.width;
      for (let x = x1; x < x2; x++) words[at++] = (mask.data[row + x]! << 24) | colour;
    }
    this.context?.putImageData(pixels, x1, y1);
  }

  /** Takes over all of the mask. */
  paintAll(mask: MaskDocument): void {
    this.context?.clearRect(0, 0, this.canvas.width, this.canvas.height);
    const box = paintedBox(mask);
    if (box) this.paint(mask, box);
  }
}

/** What there is to draw, from the bottom up. */
export interface Scene {
  before: Sheet;
  after: Sheet | null;
  /** Share of the width that shows `before` while there is an `after`. */
  compare: number;
  /** `before` and `after` each in a half of their own. */
  isSplit: boolean;
  mask: Sheet | null;
  maskOpacity: number;
  /** Masks of other frames that show through. */
  ghosts: readonly Sheet[];
  preview: { pixels: Layer; region: Region } | null;
  /** Outlines: of the crop that is being worked on, or of segments. */
  regions: readonly Region[];
}

/** Draws `scene`; `ratio` is device pixels per CSS pixel. */
export function drawScene(
  context: CanvasRenderingContext2D,
  view: View,
  ratio: number,
  scene: Scene,
): void {
  const { canvas } = context;
  const { width, height } = scene.before.canvas;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  const scale = view.scale * ratio;
  if (scene.isSplit) return drawSplit(context, view, ratio, scene);
  context.setTransform(scale, 0, 0, scale, view.x * ratio, view.y * ratio);
  // From four screen pixels a pixel on, one wants to see the pixels themselves.
  context.imageSmoothingEnabled = scale < 4;
  context.imageSmoothingQuality = "high";

  context.drawImage(scene.before.canvas, 0, 0);
  if (scene.after) {
    context.save();
    context.beginPath();
    context.rect(scene.compare * width, 0, width, height);
    context.clip();
    context.drawImage(scene.after.canvas, 0, 0);
    context.restore();
  }
  context.globalAlpha = 0.35;
  for (const ghost of scene.ghosts) context.drawImage(ghost.canvas, 0, 0);
  context.globalAlpha = 1;
  if (scene.mask && scene.maskOpacity > 0) {
    context.globalAlpha = scene.maskOpacity;
    context.drawImage(scene.mask.canvas, 0, 0);
    context.globalAlpha = 1;
  }
  if (scene.preview && scene.mask) {
    const [x1, y1] = scene.preview.region;
    context.drawImage(cutOut(scene.preview, scene.mask), x1, y1);
  }
  for (const region of scene.regions) outline(context, region, scale / ratio);
}

/** Before in the left half, after in the right one, both looked at alike. */
function drawSplit(
  context: CanvasRenderingContext2D,
  view: View,
  ratio: number,
  { before, after }: Scene,
): void {
  const { width, height } = context.canvas;
  const half = width / 2;
  const scale = view.scale * ratio;
  context.imageSmoothingEnabled = scale < 4;
  context.imageSmoothingQuality = "high";
  for (const [at, sheet] of [before, after ?? before].entries()) {
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.beginPath();
    context.rect(at * half, 0, half - ratio, height);
    context.clip();
    context.setTransform(scale, 0, 0, scale, view.x * ratio + at * half, view.y * ratio);
    context.drawImage(sheet.canvas, 0, 0);
    context.restore();
  }
}

/** The preview at the region's size, only where there is paint. */
function cutOut(preview: { pixels: Layer; region: Region }, mask: Sheet): HTMLCanvasElement {
  const [x1, y1, x2, y2] = preview.region;
  const { canvas } = new Layer(Math.max(x2 - x1, 1), Math.max(y2 - y1, 1));
  const context = canvas.getContext("2d");
  if (!context) return canvas;
  context.drawImage(mask.canvas, -x1, -y1);
  context.globalCompositeOperation = "source-in";
  context.imageSmoothingQuality = "high";
  context.drawImage(preview.pixels.canvas, 0, 0, canvas.width, canvas.height);
  return canvas;
}

function outline(context: CanvasRenderingContext2D, region: Region, scale: number): void {
  const [x1, y1, x2, y2] = region;
  context.lineWidth = 1.5 / scale;
  for (const [colour, offset] of [
    ["rgb(0 0 0 / 55%)", 0],
    ["rgb(255 255 255 / 85%)", 6],
  ] as const) {
    context.strokeStyle = colour;
    context.setLineDash([6 / scale, 6 / scale]);
    context.lineDashOffset = offset / scale;
    context.strokeRect(x1, y1, x2 - x1, y2 - y1);
  }
  context.setLineDash([]);
}
