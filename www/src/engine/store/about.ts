/** Entries of the index: made, and read back from what lies on the disk. Pure. */

import type { Manifest } from "../protocol";
import { idOf, nameFrom } from "./names";
import type { Licence, LocalModel, Part, StoredModel, Wanted } from "./types";

const EMPTY = {
  kind: null,
  bytes: null,
  stored: 0,
  complete: false,
  paused: false,
  sha256: null,
  url: null,
  licence: null,
  etag: null,
  lastModified: null,
  parts: null,
  manifest: null,
};

/** The entry of a download that has not begun. */
export function aboutUrl({ url, title, bytes, sha256, licence }: Wanted): StoredModel {
  return {
    ...EMPTY,
    id: idOf(url),
    name: title ?? nameFrom(url),
    bytes: bytes ?? null,
    sha256: sha256?.toLowerCase() ?? null,
    licence: licence ?? null,
    url,
  };
}

/** The entry of a model on the user's disk. */
export function aboutLocal({ name, parts, manifest }: LocalModel): StoredModel {
  const key = parts.map(({ name: part, file }) => `${part}/${file.size}/${file.lastModified}`);
  return {
    ...EMPTY,
    id: idOf(key.join("/")),
    name,
    bytes: parts.reduce((sum, { file }) => sum + file.size, 0),
    parts:
      parts.length > 1 ? parts.map((part) => ({ name: part.name, bytes: part.file.size })) : null,
    manifest,
  };
}

/** Reads an entry; null when the text is none, as after a crash in the middle of writing it. */
export function aboutFrom(text: string, stored: number): StoredModel | null {
  const kept = parsed(text);
  if (!kept || typeof kept.id !== "string" || typeof kept.name !== "string") return null;
  const bytes = typeof kept.bytes === "number" && kept.bytes >= 0 ? kept.bytes : null;
  const parts = partsFrom(kept.parts, bytes);
  const isOdd = parts === null && kept.parts != null;
  return {
    id: kept.id,
    name: kept.name,
    kind: textOr(kept.kind),
    bytes,
    stored,
    // A file that has lost bytes since is not complete, whatever its entry says.
    complete: kept.complete === true && stored === bytes && !isOdd,
    paused: kept.paused === true,
    sha256: textOr(kept.sha256),
    url: textOr(kept.url),
    licence: licenceFrom(kept.licence),
    etag: textOr(kept.etag),
    lastModified: textOr(kept.lastModified),
    parts,
    manifest: manifestFrom(kept.manifest),
  };
}

/** Parts that make up the whole; null for anything else. */
function partsFrom(kept: unknown, bytes: number | null): Part[] | null {
  if (!Array.isArray(kept)) return null;
  const parts = kept.flatMap((part: unknown) =>
    isRecord(part) && typeof part.name === "string" && Number.isInteger(part.bytes)
      ? [{ name: part.name, bytes: Number(part.bytes) }]
      : [],
  );
  const sum = parts.reduce((all, part) => all + part.bytes, 0);
  return parts.every((part) => part.bytes > 0) && sum === bytes ? parts : null;
}

/** What the page itself has written; the core checks it when it is used. */
function manifestFrom(kept: unknown): Manifest | null {
  if (!isRecord(kept) || typeof kept.name !== "string") return null;
  return { ...kept, name: kept.name, file: "" };
}

export function licenceFrom(kept: unknown): Licence | null {
  if (!isRecord(kept)) return null;
  const { name, url } = kept;
  if (typeof name !== "string" || typeof url !== "string" || !url.startsWith("https://"))
    return null;
  return { name, url };
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const kept: unknown = JSON.parse(text);
    return isRecord(kept) ? kept : null;
  } catch {
    return null;
  }
}

function textOr(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
