/** Addresses of models: checked, put right, and named. Pure. */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

/**
 * An address to download from, or a sentence on why `text` is none.
 *
 * It may end in `#sha256=` and the sum the file must have.
 */
export function addressFrom(text: string): { url: string; sha256?: string } | { problem: string } {
  const typed = text.trim();
  if (typed === "") return { problem: "Paste the address of a .safetensors file." };
  const url = parsedUrl(typed);
  if (!url || !/^https?:$/.test(url.protocol)) {
    return { problem: "That is no web address. It begins with https://." };
  }
  if (/(^|\.)huggingface\.co$/.test(url.hostname)) {
    url.pathname = url.pathname.replace(/^(\/[^/]+\/[^/]+)\/blob\//, "$1/resolve/");
  }
  const sum = /^#sha256=(.*)$/i.exec(url.hash)?.[1];
  if (sum !== undefined && !/^[0-9a-f]{64}$/i.test(sum)) {
    return { problem: "A SHA-256 has 64 letters and digits from 0 to f." };
  }
  url.hash = "";
  if (/\.(ckpt|pt|pth|bin|gguf|onnx|zip)$/i.test(url.pathname)) {
    return { problem: "Only .safetensors files can be used. Look for one beside it." };
  }
  return { url: url.href, ...(sum !== undefined && { sha256: sum.toLowerCase() }) };
}

/** The last part of the address, as a file is called. */
export function nameFrom(url: string): string {
  const last = parsedUrl(url)?.pathname.split("/").findLast(Boolean) ?? "";
  try {
    return decodeURIComponent(last) || "model";
  } catch {
    return last || "model";
  }
}

/** The name a server gives the file in `content-disposition`, without folders. */
export function nameFromHeader(header: string | null): string | null {
  const extended = /filename\*=(?:UTF-8)?''([^;]+)/i.exec(header ?? "")?.[1];
  const plain = /filename="?([^";]+)"?/i.exec(header ?? "")?.[1];
  try {
    const name = extended ? decodeURIComponent(extended) : plain;
    return name?.split(/[\\/]/).at(-1)?.trim() || null;
  } catch {
    return null;
  }
}

/** A file name that stands for `key`, the same in every tab. */
export function idOf(key: string): string {
  return bytesToHex(sha256(new TextEncoder().encode(key))).slice(0, 24);
}

/** `URL.parse`, which browsers have had only since 2024. */
export function parsedUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
