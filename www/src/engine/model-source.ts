/** Bytes of a checkpoint by range, read synchronously, as the core wants them. Worker only. */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { bulkReader } from "./bulk-read";
import { EngineError } from "./engine";
import { readAhead, type Read } from "./read-ahead";
import { readBlocks } from "./read-blocks";
import { sourceName, type FileSource, type ModelSource } from "./source";
import { hashError } from "./store/sentences";

/** A file that is open. */
export interface OpenFile {
  name: string;
  size: number;
  read: Read;
  /** What is needed at once has been read: lets go of what makes that fast. More can be read. */
  rest(): void;
  close(): void;
}

/** The files of a pipeline, which the core joins. */
export interface OpenParts {
  name: string;
  parts: readonly OpenFile[];
  rest(): void;
  close(): void;
}

export type OpenSource = OpenFile | OpenParts;

type OnProgress = (done: number, total: number) => void;

/** Opens `source`; a download reports bytes done and in all (0 when unknown). */
export async function openSource(source: ModelSource, onProgress: OnProgress): Promise<OpenSource> {
  if (source.from !== "parts") return openFile(source, onProgress);
  const { name } = source;
  const parts: OpenFile[] = [];
  for (const part of source.parts) parts.push(await openFile(part, onProgress));
  const each = (run: (part: OpenFile) => void) => () => parts.forEach(run);
  return { name, parts, rest: each((part) => part.rest()), close: each((part) => part.close()) };
}

async function openFile(source: FileSource, onProgress: OnProgress): Promise<OpenFile> {
  const name = sourceName(source);
  if (source.from === "file") return fileSource(source.file, name);
  if (source.from === "handle") return storedSource(source, await fileIn(source));
  const bytes = await download(source, onProgress);
  if (source.sha256 !== undefined && hexOf(bytes) !== source.sha256.toLowerCase()) {
    throw new EngineError(hashError(name));
  }
  return bufferSource(name, bytes);
}

/**
 * A file of the private file system: fast as long as a model is loaded, and then as a `File`, which
 * needs no lock, so that two tabs can use the same one and delete it when they no longer do.
 */
async function storedSource(
  { name, handle, range }: Extract<FileSource, { from: "handle" }>,
  file: File,
): Promise<OpenFile> {
  const { begin = 0, bytes = file.size } = range ?? {};
  const slow = fileSource(file.slice(begin, begin + bytes), name);
  let fast = await bulkReader(handle);
  const rest = (): void => {
    fast?.close();
    fast = null;
    slow.rest();
  };
  return {
    ...slow,
    read: (offset, length) =>
      fast
        ? fast.read(begin + offset, Math.min(length, bytes - offset))
        : slow.read(offset, length),
    rest,
    close: rest,
  };
}

async function fileIn({
  name,
  handle,
}: {
  name: string;
  handle: FileSystemFileHandle;
}): Promise<File> {
  try {
    return await handle.getFile();
  } catch {
    throw new EngineError({
      code: "checkpoint",
      message: `“${name}” is no longer there. Add it again.`,
    });
  }
}

/** A file: in large blocks as long as a model is loaded, and then little more than is asked for. */
function fileSource(file: Blob, name: string): OpenFile {
  const reader = new FileReaderSync();
  const { size } = file;
  const plain: Read = (offset, length) =>
    new Uint8Array(reader.readAsArrayBuffer(file.slice(offset, offset + length)));
  let read = readBlocks({ size, read: plain });
  const rest = (): void => void (read = readAhead({ size, read: plain }));
  return { name, size, read: (offset, length) => read(offset, length), rest, close: rest };
}

function hexOf(bytes: Uint8Array): string {
  return bytesToHex(sha256(bytes));
}

function bufferSource(name: string, bytes: Uint8Array): OpenFile {
  return {
    name,
    size: bytes.byteLength,
    read: (offset, length) => bytes.subarray(offset, offset + length),
    rest: () => {},
    close: () => {},
  };
}

/** Downloads; once more past the browser's cache if that failed, which large files can. */
async function download(
  { name, url }: { name: string; url: string },
  onProgress: OnProgress,
): Promise<Uint8Array> {
  try {
    return await fetchBytes(url, "default", onProgress).catch(() =>
      fetchBytes(url, "no-store", onProgress),
    );
  } catch {
    throw new EngineError({
      code: "download",
      message: `${name} could not be downloaded. Check the connection and reload the page.`,
    });
  }
}

async function fetchBytes(
  url: string,
  cache: RequestCache,
  onProgress: OnProgress,
): Promise<Uint8Array> {
  const response = await fetch(url, { cache });
  if (!response.ok || !response.body) throw new Error(response.statusText);
  const total = Number(response.headers.get("content-length") ?? 0);
  const chunks: Uint8Array[] = [];
  let done = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { value, done: ended } = await reader.read();
    if (ended) break;
    chunks.push(value);
    done += value.byteLength;
    onProgress(done, Math.max(total, done));
  }
  return joined(chunks, done);
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}
