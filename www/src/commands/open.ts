/** Every file that comes in: a picture, models, segments, settings or wildcards. */

import type { App } from "../app";
import { sorted, type Dropped } from "../lib/diffusers/sort";
import { FolderError } from "../lib/dropped";
import { kindOf } from "../lib/file-kind";
import { isSegs } from "../lib/segs";
import { addModels } from "./add-local";
import { openPictures } from "./picture";
import { openSegs } from "./segs";
import { takePicture, takeText } from "./share";
import { addWildcards } from "./wildcards";

/** What the user asked for; "any" goes by the file. */
export type Intent = "any" | "picture" | "settings" | "segments";

export async function openFiles(
  app: App,
  files: readonly File[],
  intent: Intent = "any",
): Promise<void> {
  const [first] = files;
  if (!first) return;
  if (intent === "segments") return openSegs(app, await first.text(), first.name);
  if (intent !== "settings") {
    const dropped = files.map((file) => ({ path: file.name, file }));
    await openDropped(app, dropped, intent);
    return;
  }
  if (kindOf(first.name) === "json") return takeText(app, await first.text(), `“${first.name}”`);
  return takePicture(app, new Uint8Array(await first.arrayBuffer()), `“${first.name}”`);
}

/** Opens what a folder holds, once it has been read. */
export async function openFolders(app: App, reading: Promise<Dropped[]>): Promise<void> {
  try {
    const dropped = await reading;
    if (await openDropped(app, dropped, "any")) return;
    const names = new Set(dropped.map(({ path }) => `“${path.split("/")[0] ?? ""}”`));
    const what = names.size > 0 ? [...names].join(", ") : "The folder";
    refuse(app, `${what} holds no model, no picture and no clip.`);
  } catch (error) {
    const text = "The folder cannot be read. Try again, or choose its files instead.";
    refuse(app, error instanceof FolderError ? error.message : text);
  }
}

/** Opens files by what they are; false if there is nothing to open. */
async function openDropped(
  app: App,
  dropped: readonly Dropped[],
  intent: "any" | "picture",
): Promise<boolean> {
  const { folders, models, others } = sorted(dropped);
  const hasModels = folders.length + models.length > 0;
  if (others.length > 0) await openOther(app, others, intent);
  if (hasModels) await addModels(app, { folders, models });
  return hasModels || others.length > 0;
}

/** Opens what is no model, by the first file. */
async function openOther(app: App, files: readonly File[], intent: Intent): Promise<void> {
  const [first] = files;
  if (!first) return;
  switch (kindOf(first.name)) {
    case "json": {
      const text = await first.text();
      if (isSegs(text)) return openSegs(app, text, first.name);
      return takeText(app, text, `“${first.name}”`);
    }
    case "wildcards":
      return intent === "any" ? addWildcards(app, files) : openPictures(app, files);
    default:
      return openPictures(app, files);
  }
}

function refuse(app: App, text: string): void {
  app.store.dispatch({ type: "noticed", notice: { tone: "error", text } });
}
