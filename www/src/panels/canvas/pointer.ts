/** Mouse, pen and touch on the canvas: painting, moving, pinching, zooming. */

import { maskChanged, type App } from "../../app";
import type { Box, Point } from "../../lib/mask";
import { panBy, pictureFromCanvas, zoomAt } from "../../lib/view";
import type { DeskStore } from "./desk";
import { brushOf, gestureOf, isLocked } from "./logic";

export interface PointerEdge {
  canvas: HTMLCanvasElement;
  app: App;
  desk: DeskStore;
  /** Called with the pixels of the mask a stroke has changed. */
  onPaint: (box: Box | null) => void;
  minScale: () => number;
}

/** Follows pointers on the canvas until `signal` is aborted. */
export function followPointers(edge: PointerEdge, signal: AbortSignal): void {
  const { canvas, app, desk, onPaint } = edge;
  const touches = new Map<number, Point>();
  let gesture: { is: "paint" | "pan"; id: number; last: Point } | null = null;

  const at = ({ clientX, clientY }: MouseEvent): Point => {
    const { left, top } = canvas.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  };

  function down(event: PointerEvent): void {
    const point = at(event);
    touches.set(event.pointerId, point);
    if (touches.size === 2) return beginPinch();
    if (gesture) return;
    const state = app.store.get();
    const { panning, playing } = desk.get();
    const is = gestureOf(
      event,
      state.work.phase,
      panning,
      isLocked(state) || playing || app.isTurning,
    );
    if (!is) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    gesture = { is, id: event.pointerId, last: point };
    if (is === "paint") {
      app.mask?.begin();
      stroke(event, point, point);
    }
  }

  function move(event: PointerEvent): void {
    const point = at(event);
    const before = touches.get(event.pointerId);
    if (before) touches.set(event.pointerId, point);
    if (touches.size === 2 && before) return pinch(event.pointerId, before, point);
    if (!gesture || gesture.id !== event.pointerId) return;
    if (gesture.is === "pan") {
      const { view } = desk.get();
      desk.dispatch({ view: panBy(view, point.x - gesture.last.x, point.y - gesture.last.y) });
      gesture.last = point;
      return;
    }
    // Fast strokes come several points an event; painting them all keeps curves round.
    const points = event.getCoalescedEvents();
    for (const sample of points.length > 0 ? points : [event]) {
      const next = at(sample);
      stroke(sample, gesture.last, next);
      gesture.last = next;
    }
  }

  function up(event: PointerEvent): void {
    touches.delete(event.pointerId);
    if (gesture?.id !== event.pointerId) return;
    if (gesture.is === "paint") endStroke();
    gesture = null;
  }

  function stroke(event: PointerEvent, from: Point, to: Point): void {
    const { tool, size, view } = desk.get();
    const a = pictureFromCanvas(view, from);
    const b = pictureFromCanvas(view, to);
    onPaint(app.mask?.line(a, b, brushOf(event, tool, size)) ?? null);
  }

  function endStroke(): void {
    app.mask?.end();
    maskChanged(app);
  }

  /** A second finger turns what the first began into a pinch; its dab is taken back. */
  function beginPinch(): void {
    if (gesture?.is === "paint") {
      app.mask?.end();
      onPaint(app.mask?.undo() ?? null);
      maskChanged(app);
    }
    gesture = null;
  }

  function pinch(id: number, before: Point, now: Point): void {
    const other = [...touches].find(([key]) => key !== id)?.[1];
    if (!other) return;
    const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
    const old = Math.hypot(before.x - other.x, before.y - other.y);
    const spread = Math.hypot(now.x - other.x, now.y - other.y);
    const moved = panBy(desk.get().view, (now.x - before.x) / 2, (now.y - before.y) / 2);
    desk.dispatch({ view: zoomAt(moved, middle, spread / Math.max(old, 1), edge.minScale()) });
  }

  function wheel(event: WheelEvent): void {
    if (app.store.get().work.phase === "empty") return;
    event.preventDefault();
    // A notch of a mouse wheel is about 100 and zooms by a fifth; trackpads send small steps.
    const pixels =
      event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * 33;
    const factor = Math.exp(-pixels * (event.ctrlKey ? 0.01 : 0.002));
    desk.dispatch({ view: zoomAt(desk.get().view, at(event), factor, edge.minScale()) });
  }

  canvas.addEventListener("pointerdown", down, { signal });
  canvas.addEventListener("pointermove", move, { signal });
  canvas.addEventListener("pointerup", up, { signal });
  canvas.addEventListener("pointercancel", up, { signal });
  canvas.addEventListener("wheel", wheel, { signal, passive: false });
  canvas.addEventListener("contextmenu", (event) => event.preventDefault(), { signal });
}
