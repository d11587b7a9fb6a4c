/** A TAESD decoder of the published size whose numbers mean nothing. */

import { safetensors } from "./safetensors";

/** Channels inside. */
const INSIDE = 64;

export function taesdDecoder(): Buffer {
  const tensors: Record<string, { shape: number[]; fill: number }> = {};
  const layer = (path: string, outputs: number, inputs: number, hasBias = true): void => {
    tensors[`${path}.weight`] = { shape: [outputs, inputs, 3, 3], fill: 0.002 };
    if (hasBias) tensors[`${path}.bias`] = { shape: [outputs], fill: 0.1 };
  };
  layer("1", INSIDE, 4);
  for (const block of [3, 4, 5, 8, 9, 10, 13, 14, 15, 18]) {
    for (const conv of [0, 2, 4]) layer(`${block}.conv.${conv}`, INSIDE, INSIDE);
  }
  for (const doubled of [7, 12]) layer(String(doubled), INSIDE, INSIDE, false);
  layer("17", INSIDE, INSIDE);
  layer("19", 3, INSIDE);
  return safetensors(tensors);
}
