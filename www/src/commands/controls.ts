/** ControlNets: adding and removing their files, and what a run is told of them. */

import type { App } from "../app";
import { failureFrom, isFatal } from "../engine/engine";
import type { ControlNetUse, ModelSource, Pixels } from "../engine/protocol";
import { openPicture, type Size } from "../lib/picture";
import { newControl, useOf, type Control } from "../state/controls";

/** Loads a ControlNet; gives the sentence about it. */
export async function addControl(app: App, source: ModelSource): Promise<string> {
  const { name } = await app.engine.addControlNet({ source }, () => {});
  const others = app.store.get().controls.filter((control) => control.name !== name);
  change(app, [...others, newControl(name)]);
  return "It guides every run. Its settings are under the prompts.";
}

/** Gives up a ControlNet and its memory. */
export async function removeControl(app: App, name: string): Promise<void> {
  const { store, engine } = app;
  try {
    await engine.removeControlNet({ name });
    change(
      app,
      store.get().controls.filter((control) => control.name !== name),
    );
  } catch (error) {
    const failure = failureFrom(error);
    if (isFatal(error)) return store.dispatch({ type: "engine-broken", failure });
    store.dispatch({ type: "noticed", notice: { tone: "error", text: failure.message } });
  }
}

/** Changes what was typed for a ControlNet. */
export function editControl(app: App, name: string, edit: Partial<Control>): void {
  const { controls } = app.store.get();
  change(
    app,
    controls.map((control) => (control.name === name ? { ...control, ...edit } : control)),
  );
}

/** Takes a picture from the disk for a ControlNet to follow. */
export async function openHint(app: App, name: string, file: File): Promise<void> {
  try {
    const { pixels } = await openPicture(file, file.name);
    editControl(app, name, { hint: { name: file.name, pixels } });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    app.store.dispatch({ type: "noticed", notice: { tone: "error", text } });
  }
}

/** What a run over a picture of `size` is told; nothing without ControlNets. */
export function controlsFor(controls: readonly Control[], size: Size): ControlNetUse[] {
  return controls.map((control) =>
    useOf(control, control.hint && scaled(control.hint.pixels, size)),
  );
}

/** The picture at another size. */
function scaled(pixels: ImageData, { width, height }: Size): Pixels {
  if (pixels.width === width && pixels.height === height) {
    return { data: new Uint8ClampedArray(pixels.data), width, height };
  }
  const from = new OffscreenCanvas(pixels.width, pixels.height);
  from.getContext("2d")!.putImageData(pixels, 0, 0);
  const to = new OffscreenCanvas(width, height).getContext("2d")!;
  to.imageSmoothingQuality = "high";
  to.drawImage(from, 0, 0, width, height);
  const { data } = to.getImageData(0, 0, width, height);
  return { data, width, height };
}

function change({ store }: App, controls: readonly Control[]): void {
  store.dispatch({ type: "controls-changed", controls });
}
