/** Which frame a key leads to. Pure. */

/** Null for keys that lead nowhere. */
export function nextFrame(key: string, frame: number, count: number): number | null {
  switch (key) {
    case "ArrowRight":
    case "ArrowDown":
      return Math.min(frame + 1, count - 1);
    case "ArrowLeft":
    case "ArrowUp":
      return Math.max(frame - 1, 0);
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return null;
  }
}
