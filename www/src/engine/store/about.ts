/** Entries of the index: made, and read back from what lies on the disk. Pure. */

import { idOf, nameFrom } from "./names";
import type { Licence, StoredModel, Wanted } from "./types";

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

/** The entry of a file on the user's disk. */
export function aboutFile({
  name,
  size,
  lastModified,
}: Pick<File, "name" | "size" | "lastModified">): StoredModel {
  return { ...EMPTY, id: idOf(`${name}/${size}/${lastModified}`), name, bytes: size };
}

/** Reads an entry; null when the text is none, as after a crash in the middle of writing it. */
export function aboutFrom(text: string, stored: number): StoredModel | null {
  const kept = parsed(text);
  if (!kept || typeof kept.id !== "string" || typeof kept.name !== "string") return null;
  const bytes = typeof kept.bytes === "number" && kept.bytes >= 0 ? kept.bytes : null;
  return {
    id: kept.id,
    name: kept.name,
    kind: textOr(kept.kind),
    bytes,
    stored,
    // A file that has lost bytes since is not complete, whatever its entry says.
    complete: kept.complete === true && stored === bytes,
    paused: kept.paused === true,
    sha256: textOr(kept.sha256),
    url: textOr(kept.url),
    licence: licenceFrom(kept.licence),
    etag: textOr(kept.etag),
    lastModified: textOr(kept.lastModified),
  };
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
