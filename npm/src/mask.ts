/** Masks as callers have them. */

import { EngineError } from "../../www/src/engine/engine";
import type { MaskPixels } from "../../www/src/engine/protocol";

interface Bytes {
  data: ArrayLike<number>;
  width: number;
  height: number;
}

/** One byte a pixel, from that or from the red channel of an RGBA picture. */
export function maskFrom({ data, width, height }: Bytes): MaskPixels {
  const pixels = width * height;
  if (data.length === pixels) return { data: Uint8Array.from(data), width, height };
  if (data.length === pixels * 4) {
    return {
      data: Uint8Array.from({ length: pixels }, (_, at) => data[at * 4] ?? 0),
      width,
      height,
    };
  }
  throw new EngineError({
    code: "bad_request",
    message: `The mask holds ${data.length} bytes; ${width} × ${height} px need ${pixels} or, as RGBA, ${pixels * 4}.`,
  });
}
