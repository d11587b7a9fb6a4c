/** What a model file is, asked of the core. */

import type { App } from "../app";
import { EngineError, failureFrom } from "../engine/engine";
import type { ModelSource, Recognised } from "../engine/protocol";
import type { StoredModel } from "../engine/store/types";

/** Finds out what a stored model is and writes it into its entry; null when nobody can tell. */
export async function describe(app: App, { id, name }: StoredModel): Promise<Recognised | null> {
  const found = await app.models.open(id).catch(() => null);
  if (!found) return null;
  const what = await recognised(app, found.source, name).catch(() => null);
  if (what) app.models.describe(id, kindText(what));
  return what;
}

/** What a file is; an error names the file. */
export async function recognised(app: App, source: ModelSource, name: string): Promise<Recognised> {
  try {
    const { precision } = app.store.get();
    return await app.engine.recognise({ source, precision });
  } catch (error) {
    const { code, message } = failureFrom(error);
    throw new EngineError({
      code,
      message: message.includes(name) ? message : `“${name}”: ${message}`,
    });
  }
}

/** A few words for the list. */
export function kindText({ title, family, kind, dtype }: Recognised): string {
  return [title || [family, kind].filter(Boolean).join(" "), dtype].filter(Boolean).join(", ");
}
