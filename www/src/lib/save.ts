/** Hands a file to the user. */

import { h } from "./dom";

export function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  h("a", { href: url, download: name }).click();
  // The browser reads the address after this call; a minute is more than it takes.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

export function saveJson(text: string, name: string): void {
  save(new Blob([text], { type: "application/json" }), name);
}
