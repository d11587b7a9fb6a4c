// Compares two pictures outside a mask, decoded by the browser.

import { readFileSync } from "node:fs";

/**
 * Largest difference of any byte of `before` and `after` that lies more than `reach` pixels from
 * everything painted in `mask`. All three are paths of PNG files of the same size.
 */
export function largestChange(page, { before, after, mask, reach }) {
  const asAddress = (path) => `data:image/png;base64,${readFileSync(path).toString("base64")}`;
  const addresses = [before, after, mask].map(asAddress);
  return page.evaluate(compare, { addresses, reach });
}

/** Runs in the page. */
async function compare({ addresses, reach }) {
  const pixelsOf = async (address) => {
    const picture = new window.Image();
    picture.src = address;
    await picture.decode();
    const canvas = document.createElement("canvas");
    canvas.width = picture.width;
    canvas.height = picture.height;
    const context = canvas.getContext("2d");
    context.drawImage(picture, 0, 0);
    return context.getImageData(0, 0, canvas.width, canvas.height);
  };
  const [before, after, mask] = await Promise.all(addresses.map(pixelsOf));
  const { width, height } = before;
  const near = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (mask.data[(y * width + x) * 4] === 0) continue;
      for (let v = Math.max(y - reach, 0); v <= Math.min(y + reach, height - 1); v++) {
        const from = v * width + Math.max(x - reach, 0);
        near.fill(1, from, v * width + Math.min(x + reach, width - 1) + 1);
      }
    }
  }
  let largest = 0;
  for (let at = 0; at < before.data.length; at++) {
    if (near[at >> 2]) continue;
    largest = Math.max(largest, Math.abs(before.data[at] - after.data[at]));
  }
  return largest;
}
