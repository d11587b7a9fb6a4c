/** Adding and removing wildcard files. */

import type { App } from "../app";

/** All files together; a list of words seldom has a hundredth of that. */
const MOST_BYTES = 8 * 1024 * 1024;

export async function addWildcards(app: App, files: readonly File[]): Promise<void> {
  const refuse = (text: string): void =>
    app.store.dispatch({ type: "noticed", notice: { tone: "error", text } });
  const known = app.store.get().wildcards;
  const texts: Record<string, string> = {};
  for (const file of files) {
    if (!/\.(txt|ya?ml)$/i.test(file.name)) {
      return refuse(`“${file.name}” is no wildcard file. Add files ending in .txt or .yaml.`);
    }
    if (file.size > MOST_BYTES) return refuse(`“${file.name}” is too large for a list of words.`);
    const text = await decoded(file);
    if (text === null) {
      return refuse(`“${file.name}” is not UTF-8 text. Save it as UTF-8 and add it again.`);
    }
    texts[file.name] = text;
  }
  const wildcards = { ...known, ...texts };
  const bytes = Object.values(wildcards).reduce((sum, text) => sum + text.length, 0);
  if (bytes > MOST_BYTES) return refuse("The wildcard files are too large together. Remove some.");
  app.store.dispatch({ type: "wildcards-changed", wildcards });
}

export function removeWildcard(app: App, name: string): void {
  const kept = Object.entries(app.store.get().wildcards).filter(([known]) => known !== name);
  app.store.dispatch({ type: "wildcards-changed", wildcards: Object.fromEntries(kept) });
}

async function decoded(file: File): Promise<string | null> {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    return null;
  }
}
