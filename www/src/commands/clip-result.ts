/** What becomes of a clip that was redrawn. */

import { maskChanged, type App } from "../app";
import { MaskDocument } from "../lib/mask";
import { newClip } from "../state/clip";
import { imageFrom, pictureFrom, showAgain } from "./clip";

/** Goes on with the result as the clip that is open, and no masks. */
export async function continueClip(app: App): Promise<void> {
  const { clip, frame } = app.store.get();
  if (!clip) return;
  const { film, files, loop, scope, span } = clip;
  await app.clips.call("settle", { keep: true }).answer;
  for (const key of app.keys.keys())
    await app.clips.call("setKey", { frame: key, mask: null }).answer;
  if (clip.maskClip !== null) await app.clips.call("closeMasks", {}).answer;
  app.keys.clear();
  app.motions.clear();
  app.mask = new MaskDocument(film.width, film.height);
  const look = await app.clips.call("look", { frame }).answer;
  const picture = pictureFrom(film, look);
  app.store.dispatch({
    type: "picture-opened",
    picture,
    clip: { ...newClip(film, files), loop, scope, span },
  });
  app.store.dispatch({
    type: "frame-shown",
    frame,
    look: { picture, after: look.after && imageFrom(look.after) },
  });
  maskChanged(app);
}

/** Goes back to painting on the clip as it was before the run. */
export async function leaveClipResult(app: App): Promise<void> {
  await app.clips.call("settle", { keep: false }).answer;
  app.store.dispatch({ type: "result-left" });
  await showAgain(app);
}
