/** Files beside the checkpoint that prompts use by name: embeddings and LoRAs. */

import type { App } from "../app";
import { failureFrom, isFatal } from "../engine/engine";
import type { ModelSource } from "../engine/protocol";
import type { Addition } from "../state/state";

/** Adds a textual-inversion file; gives the sentence about it. */
export async function addEmbedding(app: App, source: ModelSource, file: string): Promise<string> {
  const name = file.replace(/\.safetensors$/i, "");
  const { tokens } = await app.engine.addEmbedding({ name, source });
  const detail = tokens === 1 ? "1 token" : `${tokens} tokens`;
  added(app, { kind: "embedding", name, text: `embedding:${name}`, detail });
  return `Write embedding:${name} in a prompt to use it.`;
}

/** Adds a LoRA; gives the sentence about it. */
export async function addLora(app: App, source: ModelSource): Promise<string> {
  const { name, changed, unmatched } = await app.engine.addLora({ source });
  const text = `<lora:${name.replace(/\.safetensors$/i, "")}:1>`;
  const detail = changed === null ? "" : `changes ${changed} tensors`;
  added(app, { kind: "lora", name, text, detail });
  const odd = unmatched?.length
    ? ` ${unmatched.length} of its tensors belong to nothing in this checkpoint.`
    : "";
  return `Write ${text} in a prompt to use it.${odd}`;
}

/** Forgets a file. */
export async function removeAddition(app: App, { kind, name }: Addition): Promise<void> {
  const { store, engine } = app;
  try {
    await (kind === "lora" ? engine.removeLora({ name }) : engine.removeEmbedding({ name }));
    const additions = store.get().additions.filter((a) => a.kind !== kind || a.name !== name);
    store.dispatch({ type: "additions-changed", additions });
  } catch (error) {
    const failure = failureFrom(error);
    if (isFatal(error)) return store.dispatch({ type: "engine-broken", failure });
    store.dispatch({ type: "noticed", notice: { tone: "error", text: failure.message } });
  }
}

function added({ store }: App, addition: Addition): void {
  const { kind, name } = addition;
  const others = store.get().additions.filter((a) => a.kind !== kind || a.name !== name);
  store.dispatch({ type: "additions-changed", additions: [...others, addition] });
}
