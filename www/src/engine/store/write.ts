/** Writing into the folder of models. Worker only: a page may not hold a file this way. */

import type { Sink } from "./digest";
import { aboutName, again, bytesName, modelFolder } from "./files";
import { StoreError } from "./sentences";
import type { StoredModel } from "./types";

/** The bytes of `id`, open for writing in place, so that every byte written stays. */
export async function openSink(id: string): Promise<{ sink: Sink; close: () => void }> {
  const folder = await modelFolder();
  const file = await folder.getFileHandle(bytesName(id), { create: true });
  const handle = await again(() => file.createSyncAccessHandle());
  const sink: Sink = {
    size: () => handle.getSize(),
    read: (offset, length) => {
      const bytes = new Uint8Array(length);
      return bytes.subarray(0, handle.read(bytes, { at: offset }));
    },
    write: (bytes, offset) => {
      if (written(() => handle.write(bytes, { at: offset })) < bytes.byteLength) {
        throw full();
      }
    },
    truncate: (size) => handle.truncate(size),
    flush: () => handle.flush(),
  };
  return { sink, close: () => handle.close() };
}

/** Writes the entry of a model. */
export async function writeAbout(about: StoredModel): Promise<void> {
  const folder = await modelFolder();
  const file = await folder.getFileHandle(aboutName(about.id), { create: true });
  const bytes = new TextEncoder().encode(JSON.stringify(about));
  if ("createWritable" in file) {
    // Replaces the file as a whole when it is closed.
    const stream = await file.createWritable();
    await stream.write(bytes);
    return stream.close();
  }
  const handle = await again(() => (file as FileSystemFileHandle).createSyncAccessHandle());
  handle.truncate(0);
  handle.write(bytes, { at: 0 });
  handle.close();
}

function written(run: () => number): number {
  try {
    return run();
  } catch (error) {
    if (error instanceof DOMException && error.name === "QuotaExceededError") throw full();
    throw error;
  }
}

function full(): StoreError {
  return new StoreError(
    "full",
    "The disk or the browser's share of it is full. What has arrived is kept; delete a stored model, then press Resume.",
  );
}
