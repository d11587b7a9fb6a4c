/** Opening pictures, with an empty mask or the sample's. */

import { maskChanged, type App } from "../app";
import { animationType, clipKindOf } from "../clip/kinds";
import { embeddedModel } from "../engine/embedded";
import { MaskDocument } from "../lib/mask";
import { openPicture, PictureError, type Size } from "../lib/picture";
import type { Notice, Picture } from "../state/state";
import { openClip } from "./clip";
import { offerSettings } from "./share";

/** The file a "smaller" offer is about, until it is taken up or replaced. */
let offered: { file: File; size: Size } | null = null;

/** Opens what the user chose, dropped or pasted: a picture, a clip, or the frames of one by name. */
export async function openPictures(app: App, files: readonly File[]): Promise<void> {
  const byName = new Intl.Collator(undefined, { numeric: true });
  const sorted = files.toSorted((one, other) => byName.compare(one.name, other.name));
  const [first] = sorted;
  if (!first) return;
  if (app.store.get().work.phase === "running") {
    return refuse(app, "A run is going on. Cancel it before opening another picture.");
  }
  if (sorted.length > 1 || (await mayMove(first))) {
    const named = sorted.map((file) => ({ name: file.name || "pasted picture", blob: file }));
    if ((await openClip(app, named)) !== "still") return;
  }
  await open(app, first);
}

/** Whether only the clip worker can tell that `file` is a single picture. */
async function mayMove(file: File): Promise<boolean> {
  const kind = clipKindOf(file);
  if (kind !== "animation") return kind !== null;
  return animationType(new Uint8Array(await file.arrayBuffer())) !== null;
}

/** Opens the picture that was too large at the size that was offered. */
export async function openSmaller(app: App): Promise<void> {
  if (offered) await open(app, offered.file, offered.size);
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
  show(app, picture, new MaskDocument(width, height, data));
  app.store.dispatch({ type: "prompt-typed", prompt: sample.prompt });
  app.store.dispatch({ type: "negative-typed", negative: sample.negative });
}

/** Shows `picture` with `mask`. */
export function show(app: App, picture: Picture, mask: MaskDocument): void {
  app.mask = mask;
  app.keys.clear();
  app.store.dispatch({ type: "picture-opened", picture, clip: null });
  maskChanged(app);
}

/** What is open stays if the file cannot be opened. */
async function open(app: App, file: File, scaleTo?: Size): Promise<void> {
  try {
    const picture = await openPicture(file, file.name || "pasted picture", scaleTo);
    const { width, height } = picture.pixels;
    offered = null;
    show(app, picture, new MaskDocument(width, height));
    offerSettings(app, new Uint8Array(await picture.blob.arrayBuffer()), picture.name);
  } catch (error) {
    if (!(error instanceof PictureError)) throw error;
    const { smaller } = error;
    offered = smaller && { file, size: smaller };
    const label = smaller && `Open it at ${smaller.width} × ${smaller.height} px`;
    refuse(app, error.message, label ? { label, run: "open-smaller" } : undefined);
  }
}

function refuse(app: App, text: string, action?: Notice["action"]): void {
  const notice: Notice = { tone: "error", text };
  app.store.dispatch({ type: "noticed", notice: action ? { ...notice, action } : notice });
}

async function fetchBlob(url: string): Promise<Blob> {
  const response = await fetch(url);
  return response.blob();
}
