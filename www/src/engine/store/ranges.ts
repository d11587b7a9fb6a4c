/** HTTP range requests: what to ask for, and what an answer means. Pure. */

import { htmlError, sizeError, statusError, type StoreError } from "./sentences";
import type { StoredModel } from "./types";

/** What of an answer matters; `Headers` fits. */
interface HeaderSource {
  get(name: string): string | null;
}

export type Plan =
  /** The body goes on at byte `from`. */
  | { do: "write"; from: number; total: number | null }
  /** All that is here is void; ask for the whole file. */
  | { do: "restart" }
  | { do: "fail"; error: StoreError };

/**
 * Headers that ask for what comes after the first `have` bytes.
 *
 * `If-Range` would make a browser ask another origin for leave first, which most file servers do
 * not give; there the answer's own ETag is compared instead, in {@link planFrom}.
 */
export function rangeHeaders(
  have: number,
  { etag, lastModified }: Pick<StoredModel, "etag" | "lastModified">,
  isSameOrigin: boolean,
): Record<string, string> {
  if (have === 0) return {};
  const strong = etag !== null && !etag.startsWith("W/") ? etag : null;
  const validator = strong ?? lastModified;
  return {
    range: `bytes=${have}-`,
    ...(isSameOrigin && validator !== null && { "if-range": validator }),
  };
}

/** Reads `bytes 100-199/1000`; the total is null where the server writes `*`. */
export function contentRange(
  header: string | null,
): { first: number; last: number; total: number | null } | null {
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(header?.trim() ?? "");
  if (!match) return null;
  const total = match[3] === "*" ? null : Number(match[3]);
  return { first: Number(match[1]), last: Number(match[2]), total };
}

/** What to do with an answer to a request for what comes after the first `have` bytes. */
export function planFrom(
  status: number,
  headers: HeaderSource,
  have: number,
  about: StoredModel,
): Plan {
  if (status === 416) return have > 0 ? { do: "restart" } : fail(statusError(status, about.name));
  if (status !== 200 && status !== 206) return fail(statusError(status, about.name));
  if (/^text\/html|^application\/xhtml/i.test(headers.get("content-type") ?? "")) {
    return fail(htmlError(about.name));
  }
  if (status === 200) return sized(about, 0, lengthFrom(headers), have);
  const range = contentRange(headers.get("content-range"));
  if (changed(about.etag, headers.get("etag"))) return { do: "restart" };
  if (changed(about.lastModified, headers.get("last-modified"))) return { do: "restart" };
  // Another origin may hide the header; then the status has to be believed.
  if (range && range.first !== have) return { do: "restart" };
  const length = lengthFrom(headers);
  return sized(about, have, range?.total ?? (length === null ? null : have + length), have);
}

function sized(about: StoredModel, from: number, total: number | null, have: number): Plan {
  if (total !== null && about.bytes !== null && total !== about.bytes) {
    // A part that is here was of another version: begin anew, unless the size is the catalogue's.
    if (have > 0 && from > 0) return { do: "restart" };
    if (have === 0) return fail(sizeError(about.name, total, about.bytes));
  }
  return { do: "write", from, total };
}

/** A compressed answer says the length of what is sent, not of the file. */
function lengthFrom(headers: HeaderSource): number | null {
  if (headers.get("content-encoding")) return null;
  const length = Number(headers.get("content-length") ?? Number.NaN);
  return Number.isSafeInteger(length) && length > 0 ? length : null;
}

function changed(before: string | null, now: string | null): boolean {
  return before !== null && now !== null && before !== now;
}

function fail(error: StoreError): Plan {
  return { do: "fail", error };
}
