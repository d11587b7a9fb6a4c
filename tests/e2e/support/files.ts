/** Serves the files below a folder as they are. */

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";

const TYPES: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".png": "image/png",
  ".wasm": "application/wasm",
};

/** `pages` are served from memory, by their path. */
export async function serveFiles(folder: string, pages: Record<string, string> = {}) {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    const page = pages[path];
    const bytes = page === undefined ? readFile(join(folder, path)) : Promise.resolve(page);
    bytes.then(
      (body) => {
        const type = TYPES[extname(path)] ?? "application/octet-stream";
        response.writeHead(200, {
          "access-control-allow-origin": "*",
          "content-type": page === undefined ? type : "text/html",
          "content-length": Buffer.byteLength(body),
        });
        response.end(body);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const { port } = server.address() as AddressInfo;
  return { address: `http://localhost:${port}`, close: () => server.close() };
}

/** A page that imports the module at `path` as `window.core`; a test's own `import()` is rewritten. */
export const pageOf = (path: string) => `<!doctype html><title>core</title>
<link rel="icon" href="data:," />
<script type="module">
  import * as core from "${path}";
  window.core = core;
</script>`;
