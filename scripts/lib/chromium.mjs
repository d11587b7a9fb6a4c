// The browser for tests and the demo: the system's own, nothing is downloaded.

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const places = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** Path of a Chromium or Chrome, `CHROMIUM` first, or null. */
export function findChromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const folders = (process.env.PATH ?? "").split(delimiter);
  const candidates = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return [...candidates, ...places].find((path) => existsSync(path)) ?? null;
}

/** WebGPU on the processor: the same everywhere, and there without a graphics card. */
const softwareAdapter = ["--use-vulkan=swiftshader", "--use-webgpu-adapter=swiftshader"];

/** A graphics card that Chromium can open; elsewhere than on Linux we take it for granted. */
export const hasGraphicsCard = () =>
  process.platform !== "linux" || ["/dev/dri", "/dev/nvidia0"].some((path) => existsSync(path));

/** Arguments for a headless Chromium with WebGPU. */
export const chromiumArguments = ({ software = true } = {}) => [
  "--no-sandbox",
  "--enable-unsafe-webgpu",
  "--enable-features=Vulkan",
  "--ignore-gpu-blocklist",
  ...(software ? softwareAdapter : []),
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--disable-quic",
];
