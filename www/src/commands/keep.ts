/** Keeps the work over a reload: settings in local storage, picture and mask in IndexedDB. */

import { createStore, get, set, setMany, type UseStore } from "idb-keyval";
import type { App } from "../app";
import { MaskDocument } from "../lib/mask";
import { openPicture } from "../lib/picture";
import { KEPT, type Kept } from "../state/initial";
import { keptFrom, textsFrom } from "../state/kept";
import { show } from "./picture";

const KEY = "burnish";
/** Time without a change after which picture and mask are written. */
const QUIET_MS = 400;

/** What an earlier visit left; nothing when there was none or it cannot be read. */
export function keptSettings(storage: Storage): Kept {
  try {
    return keptFrom(JSON.parse(storage.getItem(KEY) ?? "{}"));
  } catch {
    return {};
  }
}

/** Opens the pictures and the mask of an earlier visit; false when there are none. */
export async function restorePicture(app: App): Promise<boolean> {
  try {
    const kept = await get<{ name: string; blob: Blob }[]>("pictures", database());
    const mask = await get<Uint8Array<ArrayBuffer>>("mask", database());
    if (!kept || !mask) return false;
    const [first, ...rest] = await Promise.all(
      kept.map(({ blob, name }) => openPicture(blob, name)),
    );
    if (!first) return false;
    const { width, height } = first.pixels;
    if (mask.length !== width * height) return false;
    show(app, [first, ...rest], new MaskDocument(width, height, mask));
    return true;
  } catch {
    return false;
  }
}

/** Brings back the wildcard files of an earlier visit. */
export async function restoreWildcards(app: App): Promise<void> {
  const kept = await get<unknown>("wildcards", database()).catch(() => null);
  const wildcards = { ...textsFrom(kept), ...app.store.get().wildcards };
  app.store.dispatch({ type: "wildcards-changed", wildcards });
}

/** Writes every change until the returned function is called. */
export function keepChanges(app: App, storage: Storage): () => void {
  let timer = 0;
  return app.store.subscribe((state, before) => {
    if (KEPT.some((name) => state[name] !== before[name])) {
      try {
        const kept = KEPT.map((name) => [name, state[name]]);
        storage.setItem(KEY, JSON.stringify(Object.fromEntries(kept)));
      } catch {
        // Storage may be full or forbidden; the page works without.
      }
    }
    if (state.wildcards !== before.wildcards) {
      void set("wildcards", state.wildcards, database()).catch(() => {});
    }
    if (state.mask.revision !== before.mask.revision || state.clip !== before.clip) {
      clearTimeout(timer);
      timer = window.setTimeout(() => void keepPicture(app), QUIET_MS);
    }
  });
}

async function keepPicture({ store, mask }: App): Promise<void> {
  const { clip } = store.get();
  if (clip.length === 0 || !mask) return;
  await setMany(
    [
      ["pictures", clip.map(({ name, blob }) => ({ name, blob }))],
      ["mask", mask.data],
    ],
    database(),
  ).catch(() => {});
}

let opened: UseStore | null = null;
function database(): UseStore {
  return (opened ??= createStore("burnish", "work"));
}
