/** Keeps the work over a reload: settings in local storage, picture and mask in IndexedDB. */

import { createStore, get, set, setMany, type UseStore } from "idb-keyval";
import type { App } from "../app";
import type { Motion } from "../clip/masks/track";
import type { NamedBlob } from "../clip/protocol";
import { MaskDocument } from "../lib/mask";
import { openPicture } from "../lib/picture";
import { KEPT, type Kept } from "../state/initial";
import { keptFrom, textsFrom } from "../state/kept";
import { openClip } from "./clip";
import { restoreMasks } from "./clip-masks";
import { show } from "./picture";

const KEY = "burnish";
/** Time without a change after which picture and mask are written. */
const QUIET_MS = 400;

/** Most bytes of pictures that are kept. */
const MOST_BYTES = 500e6;

/** Masks of a clip's key frames, and how the tracker found them to move. */
interface KeptKeys {
  masks: (readonly [number, Uint8Array<ArrayBuffer>])[];
  motions: (readonly [number, Motion])[];
}

/** What an earlier visit left; nothing when there was none or it cannot be read. */
export function keptSettings(storage: Storage): Kept {
  try {
    return keptFrom(JSON.parse(storage.getItem(KEY) ?? "{}"));
  } catch {
    return {};
  }
}

/** Opens the pictures and the masks of an earlier visit; false when there are none. */
export async function restorePicture(app: App): Promise<boolean> {
  try {
    const kept = await get<NamedBlob[]>("pictures", database());
    const keys = await get<KeptKeys | null>("keys", database());
    const [first] = kept ?? [];
    if (!kept || !first) return false;
    if (keys) return await restoreClip(app, kept, keys);
    const mask = await get<Uint8Array<ArrayBuffer>>("mask", database());
    const picture = await openPicture(first.blob, first.name);
    const { width, height } = picture.pixels;
    if (mask?.length !== width * height) return false;
    show(app, picture, new MaskDocument(width, height, mask));
    return true;
  } catch {
    return false;
  }
}

async function restoreClip(app: App, files: NamedBlob[], keys: KeptKeys): Promise<boolean> {
  if ((await openClip(app, files)) !== "opened") return false;
  await restoreMasks(app, keys.masks, keys.motions);
  return true;
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
    const hasChanged =
      state.mask.revision !== before.mask.revision ||
      state.opened !== before.opened ||
      state.clip?.keys !== before.clip?.keys ||
      state.clip?.followed !== before.clip?.followed;
    if (hasChanged) {
      clearTimeout(timer);
      timer = window.setTimeout(() => void keepPicture(app), QUIET_MS);
    }
  });
}

/** What is in the store already; writing a film again with every stroke would take its time. */
let written: unknown = null;

async function keepPicture({ store, mask, keys, motions }: App): Promise<void> {
  const { clip, work } = store.get();
  if (work.phase === "empty" || !mask) return;
  const { name, blob } = work.picture;
  const files = clip?.files ?? [{ name, blob }];
  const source = clip?.files ?? blob;
  const bytes = files.reduce((sum, file) => sum + file.blob.size, 0);
  if (bytes > MOST_BYTES) return;
  const masks = [...keys].map(([frame, { data }]) => [frame, data] as const);
  const kept: KeptKeys | null = clip && { masks, motions: [...motions] };
  const entries: [string, unknown][] = [
    ["mask", clip ? null : mask.data],
    ["keys", kept],
  ];
  if (source !== written) entries.push(["pictures", [...files]]);
  await setMany(entries, database()).catch(() => {});
  written = source;
}

let opened: UseStore | null = null;
function database(): UseStore {
  return (opened ??= createStore("burnish", "work"));
}
