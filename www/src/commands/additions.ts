/** Files beside the checkpoint: embeddings and LoRAs that prompts name, and what paints previews. */

import type { App } from "../app";
import { failureFrom, isFatal, type Engine } from "../engine/engine";
import type { ModelSource, Recognised } from "../engine/protocol";
import type { Addition } from "../state/state";
import { sayOfModels } from "./transfers";

/** A file to add. */
interface Added {
  source: ModelSource;
  name: string;
  /** Its id in the store; null for any other. */
  stored: string | null;
  what: Recognised;
}

/** Adds a textual-inversion file; gives the sentence about it. */
export async function addEmbedding(app: App, { source, ...file }: Added): Promise<string> {
  const name = bare(file.name);
  const { tokens } = await app.engine.addEmbedding({ name, source });
  const detail = tokens === 1 ? "1 token" : `${tokens} tokens`;
  added(app, file, { kind: "embedding", name, text: `embedding:${name}`, detail });
  return `Write embedding:${name} in a prompt to use it.`;
}

/** Adds a LoRA; gives the sentence about it. */
export async function addLora(app: App, { source, ...file }: Added): Promise<string> {
  const { name, changed, unmatched } = await app.engine.addLora({ source });
  const text = `<lora:${bare(name)}:1>`;
  const detail =
    changed === null ? "" : `changes ${changed} ${changed === 1 ? "tensor" : "tensors"}`;
  added(app, file, { kind: "lora", name, text, detail });
  const odd = unmatched?.length
    ? ` ${unmatched.length} of its tensors belong to nothing in this checkpoint.`
    : "";
  return `Write ${text} in a prompt to use it.${odd}`;
}

/** Lets a TAESD decoder paint previews, in place of an earlier one; gives the sentence about it. */
export async function addTaesd(app: App, { source, what, ...file }: Added): Promise<string> {
  await app.engine.loadTaesd({ source });
  const name = bare(file.name);
  const detail = "finer while a run goes on; results stay as they are";
  added(app, file, { kind: "taesd", name, text: `Previews by ${name}`, detail });
  const [checkpoint] = what.family === null ? [] : what.needs;
  const runs = checkpoint ? `runs with ${checkpoint}` : "runs";
  return `It paints the previews of ${runs} from now on; results stay as they are.`;
}

/** How the engine forgets each kind. */
const FORGETTING: Record<Addition["kind"], (engine: Engine, name: string) => Promise<null>> = {
  embedding: (engine, name) => engine.removeEmbedding({ name }),
  lora: (engine, name) => engine.removeLora({ name }),
  taesd: (engine) => engine.dropTaesd(),
};

/** Forgets a file. */
export async function removeAddition(app: App, addition: Addition): Promise<void> {
  const { store, engine } = app;
  try {
    await FORGETTING[addition.kind](engine, addition.name);
    change(
      app,
      store.get().additions.filter((other) => !isSame(other, addition)),
    );
  } catch (error) {
    const failure = failureFrom(error);
    if (isFatal(error)) return store.dispatch({ type: "engine-broken", failure });
    sayOfModels(app, "error", failure.message);
  }
}

/** The addition that was made from the stored file `id`. */
export function additionOf(app: App, id: string): Addition | undefined {
  return app.store.get().additions.find(({ stored }) => stored === id);
}

/** The file called `file` has been kept: from now on it is there again after a reload. */
export function additionIsStored(app: App, file: string, id: string): void {
  const { additions } = app.store.get();
  if (!additions.some((one) => one.file === file)) return;
  change(
    app,
    additions.map((one) => (one.file === file ? { ...one, stored: id } : one)),
  );
}

function added(
  app: App,
  { name: file, stored }: Pick<Added, "name" | "stored">,
  about: Omit<Addition, "file" | "stored">,
): void {
  const addition = { ...about, file, stored };
  const others = app.store.get().additions.filter((other) => !isSame(other, addition));
  change(app, [...others, addition]);
}

/** Whether one takes the other's place: previews are painted by one. */
function isSame(one: Addition, other: Addition): boolean {
  return one.kind === other.kind && (one.kind === "taesd" || one.name === other.name);
}

function bare(name: string): string {
  return name.replace(/\.safetensors$/i, "");
}

function change({ store, models }: App, additions: readonly Addition[]): void {
  models.use(
    "additions",
    additions.flatMap(({ stored }) => stored ?? []),
  );
  store.dispatch({ type: "additions-changed", additions });
}
