/** The part of gifenc that is used; it comes without types. */
declare module "gifenc" {
  type Palette = number[][];
  interface FrameOptions {
    palette: Palette;
    /** In milliseconds. */
    delay: number;
    transparent?: boolean;
    transparentIndex?: number;
    dispose?: number;
    /** 0 goes round for ever. */
    repeat?: number;
  }
  export function GIFEncoder(): {
    writeFrame(index: Uint8Array, width: number, height: number, options: FrameOptions): void;
    finish(): void;
    bytes(): Uint8Array<ArrayBuffer>;
  };
  type Depth = "rgb565" | "rgb444" | "rgba4444";
  interface QuantizeOptions {
    format: Depth;
    oneBitAlpha?: boolean | number;
  }
  export function quantize(
    rgba: Uint8Array | Uint8ClampedArray,
    colours: number,
    options: QuantizeOptions,
  ): Palette;
  export function applyPalette(
    rgba: Uint8Array | Uint8ClampedArray,
    palette: Palette,
    format: Depth,
  ): Uint8Array;
}
