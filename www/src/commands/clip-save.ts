/** Saving a clip as a file. */

import type { App } from "../app";
import type { Format, FormatName } from "../clip/export/formats";
import { save } from "../lib/save";
import { chore, say } from "./chore";
import { baseName } from "./detail";

/** What this browser can save the clip as. */
export async function formatsOf(app: App): Promise<readonly Format[]> {
  return (await app.clips.call("formats", {}).answer).formats;
}

/** Saves the clip with all that was redrawn of it. */
export async function saveClip(app: App, format: FormatName): Promise<void> {
  const { clip, work } = app.store.get();
  if (!clip) return;
  const saved = await chore(app, "Saving the clip", (onProgress) =>
    app.clips.call("save", { format }, { onProgress }),
  );
  if ("undone" in saved) return;
  const { blob, ending, note } = saved.gives;
  const suffix = work.phase === "done" ? "-burnished" : "";
  save(blob, `${baseName(clip.film.name)}${suffix}.${ending}`);
  say(app, note);
}
