/** Keeps the work over a reload: settings in local storage, picture and mask in IndexedDB. */

import { createStore, get, setMany, type UseStore } from "idb-keyval";
import type { App } from "../app";
import { MaskDocument } from "../lib/mask";
import { openPicture } from "../lib/picture";
import { formFrom } from "../state/form";
import { SETTINGS } from "../state/settings-table";
import { pictureOf, type Form, type State } from "../state/state";
import { show } from "./picture";

const KEY = "burnish";
/** Time without a change after which picture and mask are written. */
const QUIET_MS = 400;

type Kept = Partial<Pick<State, "node" | "prompt" | "negative" | "form">>;

/** What an earlier visit left; nothing when there was none or it cannot be read. */
export function keptSettings(storage: Storage): Kept {
  try {
    const kept: unknown = JSON.parse(storage.getItem(KEY) ?? "{}");
    return typeof kept === "object" && kept !== null ? readKept(kept) : {};
  } catch {
    return {};
  }
}

/** Opens the picture and mask of an earlier visit; false when there are none. */
export async function restorePicture(app: App): Promise<boolean> {
  try {
    const blob = await get<Blob>("picture", database());
    const mask = await get<Uint8Array<ArrayBuffer>>("mask", database());
    const name = await get<string>("name", database());
    if (!blob || !mask) return false;
    const picture = await openPicture(blob, name ?? "picture");
    const { width, height } = picture.pixels;
    if (mask.length !== width * height) return false;
    show(app, picture, new MaskDocument(width, height, mask));
    return true;
  } catch {
    return false;
  }
}

/** Writes every change until the returned function is called. */
export function keepChanges(app: App, storage: Storage): () => void {
  let timer = 0;
  return app.store.subscribe((state, before) => {
    const { node, prompt, negative, form } = state;
    if (
      form !== before.form ||
      node !== before.node ||
      prompt !== before.prompt ||
      negative !== before.negative
    ) {
      const typed = Object.entries(form).filter(([, field]) => field.origin === "user");
      const kept = { node, prompt, negative, form: Object.fromEntries(typed) };
      try {
        storage.setItem(KEY, JSON.stringify(kept));
      } catch {
        // Storage may be full or forbidden; the page works without.
      }
    }
    if (state.mask.revision !== before.mask.revision || pictureOf(state) !== pictureOf(before)) {
      clearTimeout(timer);
      timer = window.setTimeout(() => void keepPicture(app), QUIET_MS);
    }
  });
}

async function keepPicture({ store, mask }: App): Promise<void> {
  const picture = pictureOf(store.get());
  if (!picture || !mask) return;
  await setMany(
    [
      ["picture", picture.blob],
      ["mask", mask.data],
      ["name", picture.name],
    ],
    database(),
  ).catch(() => {});
}

let opened: UseStore | null = null;
function database(): UseStore {
  return (opened ??= createStore("burnish", "work"));
}

/** Takes only what has the right shape: an older version may have written it. */
function readKept(kept: object): Kept {
  const found: Kept = {};
  if ("node" in kept && (kept.node === "MaskDetailer" || kept.node === "DetailerForEach")) {
    found.node = kept.node;
  }
  if ("prompt" in kept && typeof kept.prompt === "string") found.prompt = kept.prompt;
  if ("negative" in kept && typeof kept.negative === "string") found.negative = kept.negative;
  if ("form" in kept && typeof kept.form === "object" && kept.form !== null) {
    const fields: Record<string, unknown> = { ...kept.form };
    const form: Form = formFrom({});
    for (const row of SETTINGS) {
      const field = fields[row.name];
      if (typeof field !== "object" || field === null || !("value" in field)) continue;
      const { value } = field;
      if (typeof value !== typeof form[row.name].value) continue;
      if (typeof value === "string" || typeof value === "boolean") {
        form[row.name] = { value, origin: "user" };
      }
    }
    found.form = form;
  }
  return found;
}
