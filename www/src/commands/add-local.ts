/** Models of the user's disk: said what they are, used as that, and kept if the user wants it. */

import type { App } from "../app";
import { failureFrom, isFatal } from "../engine/engine";
import type { ModelSource, Recognised } from "../engine/protocol";
import { NO_STORAGE, quotaProblem } from "../engine/store/sentences";
import type { LocalModel } from "../engine/store/types";
import { pipelineIn } from "../lib/diffusers/folder";
import { commonName, networksAmong } from "../lib/diffusers/loose";
import type { Folder, Sorted } from "../lib/diffusers/sort";
import type { Said } from "../state/models";
import { additionIsStored } from "./additions";
import { loadedIsStored, loadRefusal } from "./engine";
import { sayModel } from "./few-steps";
import { kindText, recognised } from "./recognise";
import { askToPersist, expectModel, guarded, refreshModels, sayOfModels } from "./transfers";
import { use } from "./use";

/** A model that has been recognised. */
interface Incoming {
  model: LocalModel;
  source: ModelSource;
  what: Recognised;
}

/** Adds single files; see {@link addModels}. */
export function addFiles(app: App, models: File[]): Promise<void> {
  return addModels(app, { folders: [], models });
}

/** Adds pipelines and files one after the other, checkpoints first, and says what became of each. */
export async function addModels(
  app: App,
  { folders, models }: Pick<Sorted, "folders" | "models">,
): Promise<void> {
  const refusal = loadRefusal(app.store.get());
  if (refusal) return sayOfModels(app, "error", refusal);
  await guarded(app, async () => {
    const said: Said[] = [];
    const incoming = [
      ...(await inFolders(app, folders, said)),
      ...(await inFiles(app, models, said)),
    ].toSorted((one, other) => rank(one) - rank(other));
    for (const [at, one] of incoming.entries()) {
      const isFurther = at > 0 && rank(one) === 0;
      said.push(...(await attempt(said, () => (isFurther ? keepOnly : add)(app, one))));
    }
    report(app, said, incoming);
  });
}

async function inFolders(
  app: App,
  folders: readonly Folder[],
  said: Said[],
): Promise<readonly Incoming[]> {
  const incoming: Incoming[] = [];
  for (const folder of folders) {
    const found = await pipelineIn(folder);
    if ("problem" in found) said.push({ tone: "error", text: found.problem });
    else incoming.push(...(await attempt(said, () => recognise(app, found))));
  }
  return incoming;
}

/** Each file by itself, but the networks of a pipeline as one. */
async function inFiles(
  app: App,
  files: readonly File[],
  said: Said[],
): Promise<readonly Incoming[]> {
  const incoming: Incoming[] = [];
  for (const file of files) {
    incoming.push(...(await attempt(said, () => recognise(app, single(file)))));
  }
  const { networks, rest } = networksAmong(incoming, ({ what }) => what.kind);
  if (networks.length === 0) return rest;
  return [...(await attempt(said, () => recognise(app, together(networks)))), ...rest];
}

/** What `run` gives, as a list; nothing after noting why it fails. */
async function attempt<T>(said: Said[], run: () => Promise<T>): Promise<T[]> {
  try {
    return [await run()];
  } catch (error) {
    if (isFatal(error)) throw error;
    said.push({ tone: "error", text: failureFrom(error).message });
    return [];
  }
}

async function recognise(app: App, model: LocalModel): Promise<Incoming> {
  const { name } = model;
  const parts = model.parts.map((part) => ({ from: "file", ...part }) as const);
  const [only] = parts;
  const source: ModelSource = parts.length === 1 && only ? only : { from: "parts", name, parts };
  return { model, source, what: await recognised(app, source, name) };
}

function single(file: File): LocalModel {
  return { name: file.name, parts: [{ name: file.name, file }], manifest: null };
}

/** The networks of a pipeline that came as files of their own. */
function together(networks: readonly Incoming[]): LocalModel {
  const parts = networks.flatMap(({ model }) => model.parts);
  const unet = networks.find(({ what }) => what.kind === "unet_diffusers");
  const others = networks.filter((network) => network !== unet);
  const names = [unet, ...others].flatMap((network) => network?.model.name ?? []);
  return { name: commonName(names), parts, manifest: null };
}

/** Checkpoints come first: what else there is goes with them. */
function rank({ what }: Incoming): number {
  return what.usable_as === "checkpoint" ? 0 : 1;
}

/** Uses a model as what it is. */
async function add(app: App, { model, source, what }: Incoming): Promise<Said> {
  const { name, manifest } = model;
  const used = await use(app, { source, name, what, stored: null, manifest });
  // The refusal of a checkpoint is on screen already.
  if (used === null) return { tone: "error", text: app.store.get().notice?.text ?? "" };
  const kept = app.store.get().keepsModels ? await keep(app, { model, source, what }) : "";
  return { tone: "info", text: [sentenceOnce(what), used, kept].filter(Boolean).join(" ") };
}

/** What a file is; what to do with it has been done, unless it is a checkpoint. */
function sentenceOnce({ sentence, usable_as }: Recognised): string {
  const end = usable_as === "checkpoint" ? -1 : sentence.lastIndexOf(". It ");
  return end < 0 ? sentence : sentence.slice(0, end + 1);
}

/** Stores a checkpoint that came with another: only one is loaded. */
async function keepOnly(app: App, incoming: Incoming): Promise<Said> {
  const { sentence } = incoming.what;
  if (!app.store.get().keepsModels) {
    const text = `${sentence} It is left out: one checkpoint is loaded at a time.`;
    return { tone: "error", text };
  }
  const kept = await keep(app, incoming);
  return { tone: "info", text: `${sentence} ${kept} Load it from Models.` };
}

/** Stores a model; gives the sentence about it. */
async function keep(app: App, { model, source, what }: Incoming): Promise<string> {
  await refreshModels(app);
  const { storage } = app.store.get().models;
  if (!storage) return NO_STORAGE;
  const bytes = model.parts.reduce((sum, { file }) => sum + file.size, 0);
  const problem = quotaProblem(model.name, bytes, storage);
  if (problem) return `It is not kept: ${problem}`;
  askToPersist(app);
  const about = app.models.keep(model);
  expectModel(about.id, () => {
    app.models.describe(about.id, kindText(what));
    loadedIsStored(app, source, about.id);
    additionIsStored(app, model.name, about.id);
  });
  return "It is being kept for next time.";
}

/** Says all at once, errors first. */
function report(app: App, said: readonly Said[], incoming: readonly Incoming[]): void {
  if (said.length === 0) return;
  const isError = said.some(({ tone }) => tone === "error");
  const ordered = said.toSorted((one, other) => one.tone.localeCompare(other.tone));
  const text = ordered.map((one) => one.text).join("\n");
  const words = incoming.slice(0, 1).flatMap(({ model, what }) => [model.name, what.title]);
  if (isError) sayOfModels(app, "error", text);
  else sayModel(app, text, ...words);
}
