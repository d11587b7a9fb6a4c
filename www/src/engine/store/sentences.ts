/** What can go wrong with a model file, as sentences with what to do about it. Pure. */

import { formatBytes } from "../../lib/format";
import type { Storage } from "./types";

/** Room the browser should keep for the page itself, in bytes. */
const RESERVE = 50e6;

export interface StoreFailure {
  code: "http" | "html" | "cors" | "lost" | "size" | "hash" | "full" | "no_storage" | "disk";
  message: string;
}

export class StoreError extends Error {
  readonly code: StoreFailure["code"];

  constructor(code: StoreFailure["code"], message: string) {
    super(message);
    this.name = "StoreError";
    this.code = code;
  }
}

/** Why `bytes` more do not fit, as a sentence; null when they do or nobody can tell. */
export function quotaProblem(
  name: string,
  bytes: number,
  { usage, quota }: Pick<Storage, "usage" | "quota">,
): string | null {
  const free = Math.max(0, quota - usage - RESERVE);
  if (quota === 0 || bytes <= free) return null;
  return (
    `“${name}” needs ${formatBytes(bytes)}, but the browser gives this page only ${formatBytes(free)} more. ` +
    "Delete a stored model or free space on the disk."
  );
}

export function statusError(status: number, name: string): StoreError {
  const why: Record<number, string> = {
    401: "The server wants you to log in. Accept the model's licence there, download it, and add it from your disk.",
    403: "The server does not hand it out. Log in there, download it, and add it from your disk.",
    404: "There is no such file (404). Check the address; it has to lead to the file itself.",
    410: "The file is no longer there (410). Look for it elsewhere.",
    429: "The server asks to wait (429). Try again in a few minutes.",
  };
  const plain =
    status >= 500
      ? `The server has a problem (${status}). Try again later.`
      : `The server refused (${status}). Check the address.`;
  return new StoreError("http", `“${name}” could not be downloaded. ${why[status] ?? plain}`);
}

export function htmlError(name: string): StoreError {
  return new StoreError(
    "html",
    `“${name}” is a web page, not a model. Copy the address of the download button instead.`,
  );
}

export function pointerError(name: string): StoreError {
  return new StoreError(
    "html",
    `“${name}” only says where the model lies (a Git LFS pointer). Copy the address of the download button instead.`,
  );
}

export function corsError(name: string): StoreError {
  return new StoreError(
    "cors",
    `The server of “${name}” does not let other pages read its files. Download it yourself and add it from your disk.`,
  );
}

export function lostError(name: string): StoreError {
  return new StoreError(
    "lost",
    `The connection was lost while “${name}” was on its way. What has arrived is kept; press Resume to go on.`,
  );
}

export function sizeError(name: string, is: number, shouldBe: number): StoreError {
  return new StoreError(
    "size",
    `The file “${name}” at that address has ${formatBytes(is)} (${is} bytes), but should have ${shouldBe} bytes. ` +
      "It has been changed; look for the original elsewhere.",
  );
}

export function hashError(name: string): StoreError {
  return new StoreError(
    "hash",
    `“${name}” is not the file it should be: its SHA-256 is another one. It was removed; download it again, ` +
      "and if that does not help the file at that address has been changed.",
  );
}

export const NO_STORAGE =
  "This browser keeps no files for this page, as in some private windows. Models can be used, but not kept.";
