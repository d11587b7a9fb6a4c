/** Adding and removing textual-inversion files. */

import type { App } from "../app";
import { failureFrom, isFatal } from "../engine/engine";

/** Larger files are no embeddings; refused before they are opened. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Adds every file under its name without the ending. */
export async function addEmbeddings(app: App, files: readonly File[]): Promise<void> {
  const { store, engine } = app;
  for (const file of files) {
    const name = file.name.replace(/\.safetensors$/i, "");
    if (file.size > MOST_BYTES) {
      return refuse(
        app,
        `“${file.name}” is too large for an embedding. Drop it to load it instead.`,
      );
    }
    try {
      const { tokens } = await engine.addEmbedding({ name, source: { from: "file", file } });
      const others = store.get().embeddings.filter((known) => known.name !== name);
      store.dispatch({ type: "embeddings-changed", embeddings: [...others, { name, tokens }] });
    } catch (error) {
      return fail(app, error);
    }
  }
}

export async function removeEmbedding(app: App, name: string): Promise<void> {
  try {
    await app.engine.removeEmbedding({ name });
    const embeddings = app.store.get().embeddings.filter((known) => known.name !== name);
    app.store.dispatch({ type: "embeddings-changed", embeddings });
  } catch (error) {
    fail(app, error);
  }
}

function fail(app: App, error: unknown): void {
  const failure = failureFrom(error);
  if (isFatal(error)) app.store.dispatch({ type: "engine-broken", failure });
  else refuse(app, failure.message);
}

function refuse(app: App, text: string): void {
  app.store.dispatch({ type: "noticed", notice: { tone: "error", text } });
}
