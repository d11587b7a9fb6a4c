/** The stored model of the last visit, unless loading it is what ended that visit. */

import type { App } from "../app";
import type { ModelChoice } from "./engine";

const KEY = "burnish-loading";

/** The model to begin with; null leaves it to the page. */
export async function lastModel(app: App): Promise<ModelChoice | null> {
  const { storedModel: id } = app.store.get();
  if (id === null) return null;
  const found = await app.models.open(id).catch(() => null);
  const broke = remembered() === id;
  markLoading(null)();
  if (found && !broke) {
    const { about, source } = found;
    return { source, stored: id, manifest: about.manifest };
  }
  app.store.dispatch({ type: "stored-model-chosen", id: null });
  if (!found) return null;
  const text = `“${found.about.name}” was not loaded: the page ended while it was being loaded the last time.`;
  const action = { label: "Show the models", run: "show-models" as const };
  app.store.dispatch({ type: "noticed", notice: { tone: "info", text, action } });
  return null;
}

/** Remembers over a crash that `id` is being loaded, until the returned function is called. */
export function markLoading(id: string | null): () => void {
  const forget = (): void => attempt(() => localStorage.removeItem(KEY));
  if (id !== null) attempt(() => localStorage.setItem(KEY, id));
  return forget;
}

function remembered(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function attempt(run: () => void): void {
  try {
    run();
  } catch {
    // Storage may be full or forbidden; the page works without.
  }
}
