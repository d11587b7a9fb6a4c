/** `ImageData` for tests outside a browser. */

export function stubImageData(): void {
  if ("ImageData" in globalThis) return;
  class StubImageData {
    readonly data: Uint8ClampedArray;
    readonly width: number;
    readonly height: number;
    constructor(first: Uint8ClampedArray | number, width: number, height?: number) {
      this.data = typeof first === "number" ? new Uint8ClampedArray(first * width * 4) : first;
      this.width = typeof first === "number" ? first : width;
      this.height = height ?? (typeof first === "number" ? width : first.length / 4 / width);
    }
  }
  Object.assign(globalThis, { ImageData: StubImageData });
}
