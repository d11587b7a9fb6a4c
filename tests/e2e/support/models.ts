/** A file server as models are downloaded from: other origin, ranges, and connections that break. */

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Served {
  bytes?: Buffer;
  /** A file on the disk instead of `bytes`, at full speed. */
  path?: string;
  type?: string;
  status?: number;
  /** What happens to the first connections: cut, or left hanging, after so many bytes. */
  ends?: { after: number; hangs?: boolean }[];
  /** Bytes a tick of 20 ms; all at once unless given. */
  pace?: number;
  /** Whether other origins may not read it. */
  isClosed?: boolean;
}

/** Serves `files` by path; `asked` lists the Range header of each request. */
export async function serveModels(files: Record<string, Served>) {
  const asked: { path: string; range: string | null }[] = [];
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    const file = files[path];
    if (!file?.isClosed) response.setHeader("access-control-allow-origin", "*");
    if (request.method !== "HEAD") asked.push({ path, range: request.headers.range ?? null });
    if (!file || file.status) return response.writeHead(file?.status ?? 404).end();
    void send(file, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { address: `http://localhost:${port}`, asked, close };
}

async function send(file: Served, request: IncomingMessage, response: ServerResponse) {
  const bytes = file.bytes ?? Buffer.alloc(0);
  const length = file.path ? (await stat(file.path)).size : bytes.length;
  const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
  response.writeHead(from > 0 ? 206 : 200, {
    "access-control-expose-headers": "content-range, etag",
    "content-type": file.type ?? "application/octet-stream",
    "content-length": length - from,
    etag: '"1"',
    ...(from > 0 && { "content-range": `bytes ${from}-${length - 1}/${length}` }),
  });
  const early = request.method === "HEAD" ? undefined : file.ends?.shift();
  const end = Math.min(length, from + (early?.after ?? length));
  if (file.path && end > from) {
    const part = createReadStream(file.path, { start: from, end: end - 1 });
    part.pipe(response, { end: false });
    await new Promise<void>((resolve) => part.once("close", () => resolve()));
  }
  for (let at = file.path ? end : from; at < end && !response.destroyed;) {
    const part = bytes.subarray(at, Math.min(end, at + (file.pace ?? end)));
    response.write(part);
    at += part.length;
    if (file.pace) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  if (!early) response.end();
  else if (!early.hangs) setTimeout(() => response.destroy(), 100);
}
