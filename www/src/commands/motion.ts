/** Motion modules and motion LoRAs: their files, and what a run over a clip is told of them. */

import type { App } from "../app";
import { embeddedModel } from "../engine/embedded";
import { EngineError, failureFrom, isFatal } from "../engine/engine";
import type { Manifest, ModelSource } from "../engine/protocol";
import { chosenModule, type MotionForm, type MotionModule } from "../state/motion";
import { nodeOf } from "../state/rows";
import type { State } from "../state/state";

/** Whether a run goes over frames together. */
export function usesMotion({ clip, tables, node }: State): boolean {
  return clip !== null && nodeOf(tables, node)?.pictures === "frames";
}

/** Offers the motion module that came with the model, and takes it; another model's goes. */
export function offerOwnMotion(app: App, manifest: Manifest | null): void {
  const { motion } = app.store.get();
  const others = motion.modules.filter(({ isOwn }) => !isOwn);
  const own = ownModule(manifest);
  const modules = own ? [own, ...others] : others;
  const isThere = others.some(({ name }) => name === motion.chosen);
  edit(app, { modules, chosen: isThere ? motion.chosen : (own?.name ?? null) });
}

function ownModule(manifest: Manifest | null): MotionModule | null {
  const embedded = embeddedModel();
  if (!manifest?.motion || !embedded?.motion || manifest !== embedded.manifest) return null;
  const { title = manifest.motion.file, recommended = {} } = manifest.motion;
  const { name, url } = embedded.motion;
  return { name, title, url, recommended, isOwn: true };
}

/** Loads the chosen module if that has not been done; false, after saying why, if it cannot be. */
export async function readyMotion(app: App): Promise<boolean> {
  const module = chosenModule(app.store.get().motion);
  if (!module || module.url === null) return true;
  const { name, url } = module;
  const source = { from: "url", name, url } as const;
  if (!(await guarded(app, () => app.engine.addMotionModule({ source }, () => {})))) return false;
  const { modules } = app.store.get().motion;
  edit(app, { modules: modules.map((one) => (one.name === name ? { ...one, url: null } : one)) });
  return true;
}

/** Loads a motion module and takes it; gives the sentence about it. */
export async function addMotion(app: App, source: ModelSource): Promise<string> {
  const { name, version, frames } = await app.engine.addMotionModule({ source }, () => {});
  const module = { name, title: name, url: null, recommended: {}, isOwn: false };
  const { modules } = app.store.get().motion;
  edit(app, { modules: [...modules.filter((one) => one.name !== name), module], chosen: name });
  return `It keeps the frames of clips in agreement: ${version}, up to ${frames} frames at once. Its settings show while a clip is open.`;
}

/** Makes a motion LoRA known and uses it; gives the sentence about it. */
export async function addMotionLora(app: App, source: ModelSource): Promise<string> {
  const { name } = await app.engine.addMotionLora({ source });
  const others = app.store.get().motion.loras.filter((one) => one.name !== name);
  edit(app, { loras: [...others, { name, strength: "1" }] });
  return "It changes the motion module. Its strength shows while a clip is open.";
}

export async function removeMotionLora(app: App, name: string): Promise<void> {
  await guarded(app, async () => {
    await app.engine.removeMotionLora({ name });
    edit(app, { loras: app.store.get().motion.loras.filter((one) => one.name !== name) });
  });
}

/** Gives up a loaded module and its memory. */
export async function removeMotion(app: App, name: string): Promise<void> {
  await guarded(app, async () => {
    await app.engine.removeMotionModule({ name });
    const { modules, chosen } = app.store.get().motion;
    const left = modules.filter((one) => one.name !== name);
    edit(app, { modules: left, chosen: chosen === name ? (left[0]?.name ?? null) : chosen });
  });
}

/** Changes what stands in the form. */
export function edit({ store }: App, change: Partial<MotionForm>): void {
  store.dispatch({ type: "motion-changed", motion: { ...store.get().motion, ...change } });
}

/** Takes a file of the user's disk as a motion module or a motion LoRA, whichever it is. */
export async function openMotionFile(app: App, file: File): Promise<void> {
  await guarded(app, async () => {
    const source = { from: "file", file } as const;
    const what = await app.engine.recognise({ source });
    const adding = { motion: addMotion, motion_lora: addMotionLora };
    const { usable_as } = what;
    if (usable_as !== "motion" && usable_as !== "motion_lora") {
      const message = `${what.sentence} It is no motion module and no motion LoRA.`;
      throw new EngineError({ code: "unusable", message });
    }
    const said = await adding[usable_as](app, source);
    app.store.dispatch({ type: "noticed", notice: { tone: "info", text: said } });
  });
}

/** False, after saying why, where `run` fails. */
async function guarded(app: App, run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run();
    return true;
  } catch (error) {
    const failure = failureFrom(error);
    if (isFatal(error)) app.store.dispatch({ type: "engine-broken", failure });
    else app.store.dispatch({ type: "noticed", notice: { tone: "error", text: failure.message } });
    return false;
  }
}
