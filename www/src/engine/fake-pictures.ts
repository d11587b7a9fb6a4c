/** What the stand-in does to pictures: marks, crops, and a SEGS document around them. */

import type { MaskPixels, Pixels, Region } from "./protocol";

/** Where a run works. */
export interface Marks {
  mask?: MaskPixels;
  segs?: string;
}

/** A region for everything painted, or those of the document. */
export function regionsOf({ mask, segs }: Marks): Region[] {
  if (segs !== undefined) {
    const document = JSON.parse(segs) as { segments: { crop_region: Region }[] };
    return document.segments.map(({ crop_region }) => crop_region);
  }
  if (!mask) return [];
  let [x1, y1, x2, y2]: Region = [mask.width, mask.height, 0, 0];
  mask.data.forEach((value, at) => {
    if (value === 0) return;
    x1 = Math.min(x1, at % mask.width);
    x2 = Math.max(x2, (at % mask.width) + 1);
    y1 = Math.min(y1, Math.floor(at / mask.width));
    y2 = Math.max(y2, Math.floor(at / mask.width) + 1);
  });
  return x2 > x1 ? [[x1, y1, x2, y2]] : [];
}

/** How much each pixel is marked, 0 to 1, by its place in the picture. */
export function sharesOf(
  { mask }: Marks,
  regions: readonly Region[],
  width: number,
): (at: number) => number {
  if (mask) return (at) => mask.data[at]! / 255;
  return (at) => {
    const [x, y] = [at % width, Math.floor(at / width)];
    return regions.some(([x1, y1, x2, y2]) => x >= x1 && x < x2 && y >= y1 && y < y2) ? 1 : 0;
  };
}

/** A picture whose marked pixels are brighter. */
export function tinted(picture: Pixels, share: (at: number) => number): Pixels {
  const data = new Uint8ClampedArray(picture.data);
  for (let at = 0; at < data.length / 4; at++) {
    for (let channel = 0; channel < 3; channel++) {
      const value = data[at * 4 + channel]!;
      const bright = value < 128 ? value * 1.3 : 255 - (255 - value) / 1.5;
      data[at * 4 + channel] = value + share(at) * (bright - value);
    }
  }
  return { ...picture, data };
}

export function crop(picture: Pixels, [x1, y1, x2, y2]: Region): Pixels {
  const [width, height] = [x2 - x1, y2 - y1];
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    const start = ((y + y1) * picture.width + x1) * 4;
    data.set(picture.data.subarray(start, start + width * 4), y * width * 4);
  }
  return { data, width, height };
}

/** A SEGS document; each region is marked in full. */
export async function segsText(
  { width, height }: { width: number; height: number },
  regions: readonly Region[],
  crops: readonly Pixels[],
): Promise<string> {
  const segments = await Promise.all(
    regions.map(async (region, at) => ({
      label: "A",
      confidence: 1,
      bbox: region,
      crop_region: region,
      mask: await dataUrl(white(region)),
      ...(crops[at] && { image: await dataUrl(crops[at]) }),
    })),
  );
  return JSON.stringify({ schema: "burnish.segs", version: 1, size: { width, height }, segments });
}

function white([x1, y1, x2, y2]: Region): Pixels {
  const [width, height] = [x2 - x1, y2 - y1];
  return { data: new Uint8ClampedArray(width * height * 4).fill(255), width, height };
}

async function dataUrl({ data, width, height }: Pixels): Promise<string> {
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d")?.putImageData(new ImageData(data, width, height), 0, 0);
  const blob = await canvas.convertToBlob({ type: "image/png" });
  const bytes = new Uint8Array(await blob.arrayBuffer());
  return `data:image/png;base64,${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))}`;
}
