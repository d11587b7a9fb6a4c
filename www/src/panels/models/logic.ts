/** What the dialog of models says. Pure. */

import type { CatalogueEntry } from "../../engine/catalogue";
import type { StoredModel, Storage } from "../../engine/store/types";
import { formatBytes, formatSeconds } from "../../lib/format";
import type { Said, Transfer } from "../../state/models";
import type { EngineState } from "../../state/state";

/** What the dialog says at its top: what is being loaded, or what was said last. */
export function saidIn(said: Said | null, engine: EngineState): Said | null {
  if (engine.is !== "loading") return said;
  return { tone: "info", text: `“${engine.name}” is being loaded…` };
}

/** One line under a model's name. */
export function modelLine(model: StoredModel, transfer: Transfer | undefined): string {
  const { kind, bytes, stored, complete, parts } = model;
  if (transfer) return transferLine(transfer);
  const size = formatBytes(bytes ?? stored);
  const files = parts ? `${size} in ${parts.length} files` : size;
  if (complete) return [kind, files].filter(Boolean).join(" · ");
  return `Paused · ${formatBytes(stored)}${bytes === null ? "" : ` of ${size}`}`;
}

/** `Downloading · 12.0 MB of 23.7 MB · 4.1 MB/s · 3 s left`. */
export function transferLine({ state, done, total, speed }: Transfer): string {
  const words: Record<Transfer["state"], string> = {
    waiting: "Waiting for the server or another tab",
    downloading: "Downloading",
    retrying: "The connection was lost; trying again",
    copying: "Keeping",
    checking: "Checking what is here",
  };
  const parts = [words[state]];
  if (state !== "waiting" || done > 0) {
    parts.push(
      total === null ? formatBytes(done) : `${formatBytes(done)} of ${formatBytes(total)}`,
    );
  }
  if (speed !== null && speed > 0) {
    parts.push(`${formatBytes(speed)}/s`);
    if (total !== null) parts.push(`${formatSeconds((total - done) / speed)} left`);
  }
  return parts.join(" · ");
}

export type RowAction = "load" | "stop" | "delete" | "pause" | "resume" | "cancel";

/** What a stored model is doing here: the checkpoint, or a file that prompts or previews use. */
export type RowUse = "loaded" | "used" | null;

/** How that shows beside its name. */
export const BADGES: Record<NonNullable<RowUse>, string> = { loaded: "Loaded", used: "In use" };

/** What can be done with a model, in the order of its buttons. */
export function actionsOf(
  { complete, url }: StoredModel,
  transfer: Transfer | undefined,
  use: RowUse,
): readonly RowAction[] {
  if (transfer) return url === null ? ["cancel"] : ["pause", "cancel"];
  if (!complete) return ["resume", "cancel"];
  if (use === "loaded") return ["delete"];
  return use === "used" ? ["stop", "delete"] : ["load", "delete"];
}

/** `32.1 MB of 9.80 GB used`. */
export function storageText({ usage, quota }: Storage): string {
  return `${formatBytes(usage)} of ${formatBytes(quota)} used.`;
}

export function persistedText({ persisted }: Storage): string {
  return persisted
    ? "The browser keeps it until you delete it."
    : "The browser may clear it when the disk gets full.";
}

/** `2.13 GB`; nothing when the size is not known. */
export function entrySize({ bytes }: CatalogueEntry): string {
  return bytes === undefined ? "" : formatBytes(bytes);
}

/** Entries that are neither here nor on their way. */
export function notHere(
  catalogue: readonly CatalogueEntry[],
  stored: readonly StoredModel[],
): readonly CatalogueEntry[] {
  return catalogue.filter(({ url }) => !stored.some((model) => model.url === url));
}
