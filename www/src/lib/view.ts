/** Where the picture is on the canvas: zoom and pan as plain numbers. */

import type { Point } from "./mask";
import type { Size } from "./picture";

/** `canvas = picture * scale + offset`, in CSS pixels. */
export interface View {
  scale: number;
  x: number;
  y: number;
}

const MAX_SCALE = 32;

/** The whole picture, centred with a margin; small pictures are enlarged up to four times. */
export function fitView(picture: Size, canvas: Size, margin: number): View {
  const scale = Math.min(
    Math.max(canvas.width - 2 * margin, 1) / picture.width,
    Math.max(canvas.height - 2 * margin, 1) / picture.height,
    4,
  );
  return {
    scale,
    x: (canvas.width - picture.width * scale) / 2,
    y: (canvas.height - picture.height * scale) / 2,
  };
}

/** `view` zoomed by `factor` so that what lies under `at` stays there. */
export function zoomAt(view: View, at: Point, factor: number, minScale: number): View {
  const scale = Math.min(Math.max(view.scale * factor, Math.min(minScale, view.scale)), MAX_SCALE);
  const ratio = scale / view.scale;
  return { scale, x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio };
}

export function panBy(view: View, dx: number, dy: number): View {
  return { ...view, x: view.x + dx, y: view.y + dy };
}

/** `view` moved so that at least a part of the picture stays in sight. */
export function keepInSight(view: View, picture: Size, canvas: Size): View {
  const keep = 48;
  return {
    scale: view.scale,
    x: Math.min(Math.max(view.x, keep - picture.width * view.scale), canvas.width - keep),
    y: Math.min(Math.max(view.y, keep - picture.height * view.scale), canvas.height - keep),
  };
}

export function pictureFromCanvas(view: View, { x, y }: Point): Point {
  return { x: (x - view.x) / view.scale, y: (y - view.y) / view.scale };
}
