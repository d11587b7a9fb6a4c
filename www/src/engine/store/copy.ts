/** Copies a model of the user's disk into private storage, piece by piece. */

import { Digest, type Sink } from "./digest";
import { StoreError } from "./sentences";
import type { StoredModel } from "./types";

const CHUNK = 8 * 1024 * 1024;

export async function copy(
  about: StoredModel,
  file: Blob,
  sink: Sink,
  onProgress: (done: number) => void,
  signal: AbortSignal,
): Promise<StoredModel> {
  const digest = new Digest();
  sink.truncate(0);
  for (let at = 0; at < file.size;) {
    signal.throwIfAborted();
    const bytes = await readFrom(file.slice(at, at + CHUNK), about.name);
    sink.write(bytes, at);
    digest.add(bytes);
    at += bytes.byteLength;
    onProgress(at);
  }
  sink.flush();
  return { ...about, sha256: digest.hex(), bytes: file.size, stored: file.size, complete: true };
}

async function readFrom(part: Blob, name: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await part.arrayBuffer());
  } catch {
    throw new StoreError("disk", `“${name}” can no longer be read from the disk. Choose it again.`);
  }
}
