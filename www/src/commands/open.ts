/** Every file that comes in: a picture, a checkpoint, segments, settings or wildcards. */

import type { App } from "../app";
import { kindOf } from "../lib/file-kind";
import { isSegs } from "../lib/segs";
import { addFile } from "./models";
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
  const kind = kindOf(first.name);
  if (intent === "settings") {
    if (kind === "json") return takeText(app, await first.text(), `“${first.name}”`);
    return takePicture(app, new Uint8Array(await first.arrayBuffer()), `“${first.name}”`);
  }
  switch (kind) {
    case "model":
      return addFile(app, first);
    case "json": {
      const text = await first.text();
      if (isSegs(text)) return openSegs(app, text, first.name);
      return takeText(app, text, `“${first.name}”`);
    }
    case "wildcards":
      return intent === "any" ? addWildcards(app, files) : openPictures(app, files);
    case "picture":
      return openPictures(app, files);
  }
}
