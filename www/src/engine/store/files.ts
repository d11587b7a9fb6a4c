/** The folder of models in the origin's private file system; each has its bytes and its entry. */

import { aboutFrom } from "./about";
import { NO_STORAGE, StoreError } from "./sentences";
import type { StoredModel } from "./types";

const FOLDER = "models";
const TRIES = 20;

export const bytesName = (id: string): string => `${id}.bin`;
export const aboutName = (id: string): string => `${id}.json`;

/** The folder, made if need be. */
export async function modelFolder(): Promise<FileSystemDirectoryHandle> {
  try {
    const root = await navigator.storage.getDirectory();
    return await root.getDirectoryHandle(FOLDER, { create: true });
  } catch {
    throw new StoreError("no_storage", NO_STORAGE);
  }
}

/** Every entry, by name. */
export async function listModels(): Promise<StoredModel[]> {
  const folder = await modelFolder();
  const names: string[] = [];
  // The iterator is missing from the compiler's library of older browsers' types.
  const keys = (folder as unknown as { keys(): AsyncIterable<string> }).keys();
  for await (const name of keys) if (name.endsWith(".json")) names.push(name.slice(0, -5));
  const models = await Promise.all(names.map((id) => readModel(id)));
  return models
    .filter((model) => model !== null)
    .sort((one, other) => one.name.localeCompare(other.name));
}

/** The entry of `id`; null when there is none that can be read. */
export async function readModel(id: string): Promise<StoredModel | null> {
  const folder = await modelFolder();
  try {
    const text = await (await (await folder.getFileHandle(aboutName(id))).getFile()).text();
    return aboutFrom(text, await storedBytes(folder, id));
  } catch {
    return null;
  }
}

async function storedBytes(folder: FileSystemDirectoryHandle, id: string): Promise<number> {
  try {
    return (await (await folder.getFileHandle(bytesName(id))).getFile()).size;
  } catch {
    return 0;
  }
}

/** The bytes of a model. */
export async function modelHandle(id: string): Promise<FileSystemFileHandle> {
  return (await modelFolder()).getFileHandle(bytesName(id));
}

/** Takes both files away; a file that has just been closed is tried again. */
export async function removeModel(id: string): Promise<void> {
  const folder = await modelFolder();
  for (const name of [bytesName(id), aboutName(id)]) {
    await again(() =>
      folder.removeEntry(name).catch((error: unknown) => {
        if (!(error instanceof DOMException && error.name === "NotFoundError")) throw error;
      }),
    );
  }
}

/** Calls `run` until it succeeds, for up to two seconds: a worker that ended frees its files late. */
export async function again<T>(run: () => Promise<T>): Promise<T> {
  for (let left = TRIES; ; left--) {
    try {
      return await run();
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
