/** Opening pictures, with an empty mask or the sample's. */

import { maskChanged, type App } from "../app";
import { embeddedModel } from "../engine/embedded";
import { MaskDocument } from "../lib/mask";
import { openPicture, PictureError, type Size } from "../lib/picture";
import type { Notice, Picture } from "../state/state";
import { offerSettings } from "./share";

/** What is open: one picture, or the frames of a clip. */
export type Clip = readonly [Picture, ...Picture[]];

/** The files a "smaller" offer is about, until it is taken up or replaced. */
let offered: { files: readonly File[]; size: Size } | null = null;

/** Opens what the user chose, dropped or pasted; several are the frames of a clip, by name. */
export async function openPictures(app: App, files: readonly File[]): Promise<void> {
  const byName = new Intl.Collator(undefined, { numeric: true });
  await open(
    app,
    files.toSorted((one, other) => byName.compare(one.name, other.name)),
  );
}

/** Opens the picture that was too large at the size that was offered. */
export async function openSmaller(app: App): Promise<void> {
  if (offered) await open(app, offered.files, offered.size);
}

/** Opens the sample picture with its suggested mask and prompt. */
export async function openSample(app: App): Promise<void> {
  const sample = embeddedModel()?.sample;
  if (!sample) return;
  const [image, mask] = await Promise.all([fetchBlob(sample.imageUrl), fetchBlob(sample.maskUrl)]);
  const picture = await openPicture(image, "sample.png");
  const painted = await openPicture(mask, "sample-mask.png");
  const { width, height } = picture.pixels;
  const data = Uint8Array.from({ length: width * height }, (_, at) => painted.pixels.data[at * 4]!);
  show(app, [picture], new MaskDocument(width, height, data));
  app.store.dispatch({ type: "prompt-typed", prompt: sample.prompt });
  app.store.dispatch({ type: "negative-typed", negative: sample.negative });
}

/** Shows `clip` with `mask`. */
export function show(app: App, clip: Clip, mask: MaskDocument): void {
  app.mask = mask;
  app.store.dispatch({ type: "picture-opened", clip });
  maskChanged(app);
}

/** Shows another frame. */
export function showFrame(app: App, frame: number): void {
  app.store.dispatch({ type: "frame-shown", frame });
}

/** What is open stays if a file cannot be opened. */
async function open(app: App, files: readonly File[], scaleTo?: Size): Promise<void> {
  if (app.store.get().work.phase === "running") {
    return refuse(app, "A run is going on. Cancel it before opening another picture.");
  }
  try {
    const [first, ...rest] = await Promise.all(
      files.map((file) => openPicture(file, file.name || "pasted picture", scaleTo)),
    );
    if (!first) return;
    const { width, height } = first.pixels;
    const other = rest.find(({ pixels }) => pixels.width !== width || pixels.height !== height);
    if (other) {
      const [a, b] = [first, other].map(({ name, pixels }) => {
        return `“${name}” is ${pixels.width} × ${pixels.height} px`;
      });
      throw new PictureError(`The frames of a clip must be of one size, but ${a} and ${b}.`);
    }
    offered = null;
    show(app, [first, ...rest], new MaskDocument(width, height));
    if (rest.length > 0) return sayClip(app, files.length);
    offerSettings(app, new Uint8Array(await first.blob.arrayBuffer()), first.name);
  } catch (error) {
    if (!(error instanceof PictureError)) throw error;
    const { smaller } = error;
    offered = smaller && { files, size: smaller };
    const label = smaller && `Open it at ${smaller.width} × ${smaller.height} px`;
    refuse(app, error.message, label ? { label, run: "open-smaller" } : undefined);
  }
}

/** A node for stills sees one frame only. */
function sayClip(app: App, count: number): void {
  const { tables, node } = app.store.get();
  if (tables.nodes.find(({ name }) => name === node)?.pictures === "frames") return;
  const text = `${count} frames are open. ${node} redraws the one on screen; the nodes for AnimateDiff redraw all.`;
  app.store.dispatch({ type: "noticed", notice: { tone: "info", text } });
}

function refuse(app: App, text: string, action?: Notice["action"]): void {
  const notice: Notice = { tone: "error", text };
  app.store.dispatch({ type: "noticed", notice: action ? { ...notice, action } : notice });
}

async function fetchBlob(url: string): Promise<Blob> {
  const response = await fetch(url);
  return response.blob();
}
