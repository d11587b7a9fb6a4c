/** What was redrawn, frame by frame, kept as PNG files and laid over the clip. Worker only. */

import type { Pixels, Region } from "../engine/protocol";

interface Patch {
  region: Region;
  png: Blob;
}

/** Layers of patches over the frames of a clip. */
export class Patches {
  private readonly byFrame = new Map<number, Patch[]>();

  has(frame: number): boolean {
    return this.byFrame.has(frame);
  }

  /** Lays `pixels` over `region` of `frame`. PNG keeps opaque pixels as they are. */
  async add(frame: number, region: Region, { data, width, height }: Pixels): Promise<void> {
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext("2d")?.putImageData(new ImageData(data, width, height), 0, 0);
    const png = await canvas.convertToBlob({ type: "image/png" });
    const isOver = ([x1, y1, x2, y2]: Region): boolean =>
      x1 < region[0] || y1 < region[1] || x2 > region[2] || y2 > region[3];
    // What the new one covers in full is not seen again.
    const seen = (this.byFrame.get(frame) ?? []).filter((patch) => isOver(patch.region));
    this.byFrame.set(frame, [...seen, { region, png }]);
  }

  async draw(frame: number, context: OffscreenCanvasRenderingContext2D): Promise<void> {
    for (const { region, png } of this.byFrame.get(frame) ?? []) {
      const bitmap = await createImageBitmap(png);
      const [x1, y1] = region;
      // Replaced, not blended: a patch may have holes of its own.
      context.clearRect(x1, y1, bitmap.width, bitmap.height);
      context.drawImage(bitmap, x1, y1);
      bitmap.close();
    }
  }

  /** Takes over all of `others`, on top. */
  take(others: Patches): void {
    for (const [frame, patches] of others.byFrame) {
      this.byFrame.set(frame, [...(this.byFrame.get(frame) ?? []), ...patches]);
    }
    others.clear();
  }

  clear(): void {
    this.byFrame.clear();
  }
}
