// Where things lie: the checkout, the user's cache and cargo's build folder.

import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** A path inside the checkout. */
export const inRoot = (...parts) => join(root, ...parts);

/** What is kept between checkouts and is no part of them. */
export const cacheDir = join(userCacheDir(), "burnish");

/** cargo's build folder; a CI checkout is thrown away after the run, so there it lies in the cache. */
export const targetDir =
  process.env.CARGO_TARGET_DIR || (process.env.CI ? join(cacheDir, "target") : inRoot("target"));

/** An executable of a Node package, to be run with `process.execPath`. */
export const nodeBin = (packageName, file) => inRoot("node_modules", packageName, file);

function userCacheDir() {
  if (process.platform === "win32" && process.env.LOCALAPPDATA) return process.env.LOCALAPPDATA;
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches");
  return process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
}
