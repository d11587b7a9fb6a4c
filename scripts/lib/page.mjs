// The page, built and served by Vite.

import { inRoot } from "./paths.mjs";

const port = 5173;
const root = inRoot("www");

/** Writes www/dist. */
export async function buildPage() {
  const { build } = await import("vite");
  await build({ root, logLevel: "warn" });
}

/** Serves www/dist on a free port from 5173 up; `url` is its address. */
export async function servePage() {
  const { preview } = await import("vite");
  const server = await preview({ root, logLevel: "warn", preview: { port, host: "localhost" } });
  return { url: server.resolvedUrls.local[0], close: () => server.close() };
}

/** Serves the sources, updated as they change. */
export async function serveSources() {
  const { createServer } = await import("vite");
  const server = await createServer({ root, server: { port, host: "localhost" } });
  await server.listen();
  return { url: server.resolvedUrls.local[0], close: () => server.close() };
}
