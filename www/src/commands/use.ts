/** What becomes of a model file: a row for each thing the core can make of one. */

import type { App } from "../app";
import { EngineError } from "../engine/engine";
import type { Manifest, ModelSource, Recognised } from "../engine/protocol";
import { addEmbedding, addLora, addTaesd } from "./additions";
import { addControl } from "./controls";
import { loadModel } from "./engine";
import { addMotion, addMotionLora } from "./motion";

/** A file that has been recognised. */
export interface Found {
  source: ModelSource;
  name: string;
  what: Recognised;
  /** Its id in the store; null for any other. */
  stored: string | null;
  /** What a pipeline's settings say; null for a single file. */
  manifest: Manifest | null;
}

/** Uses the file; gives the sentence about it, or null after saying why not. */
type Using = (app: App, found: Found) => Promise<string | null>;

const USES: Partial<Record<NonNullable<Recognised["usable_as"]>, Using>> = {
  checkpoint: async (app, { source, stored, manifest, what }) => {
    // Said before anything is given up for it.
    if (what.problem) throw new EngineError({ code: "too_large", message: what.problem });
    return (await loadModel(app, { source, stored, manifest })) ? "It is loaded." : null;
  },
  embedding: addEmbedding,
  lora: addLora,
  taesd: addTaesd,
  controlnet: (app, { source }) => addControl(app, source),
  motion: (app, { source }) => addMotion(app, source),
  motion_lora: (app, { source }) => addMotionLora(app, source),
  vae: async (app, { source }) => {
    await app.engine.loadVae({ source }, () => {});
    return "It stands in for the checkpoint's own until another checkpoint is loaded.";
  },
};

const usingOf = ({ usable_as }: Recognised): Using | null => (usable_as && USES[usable_as]) ?? null;

/** Whether the page has a use for such a file. */
export const isUsable = (what: Recognised): boolean => usingOf(what) !== null;

/** Uses the file as what it is; an error that says what it is where nothing can be made of it. */
export const use: Using = (app, found) => {
  const using = usingOf(found.what);
  if (using) return using(app, found);
  const { usable_as, sentence } = found.what;
  const message = usable_as ? `${sentence} The page has no use for it yet.` : sentence;
  throw new EngineError({ code: "unusable", message });
};
