/** Where the bytes of a model are. */

/** One file. */
export type FileSource =
  /** A file of the user's disk, called `name` where that says more than its own. */
  | { from: "file"; file: File; name?: string }
  /** A file of the origin's private file system, or one the user has picked; or a stretch of it. */
  | { from: "handle"; name: string; handle: FileSystemFileHandle; range?: ByteRange }
  /** Held in memory; `sha256`, in hex, is checked where it is given. */
  | { from: "url"; name: string; url: string; sha256?: string };

export interface ByteRange {
  begin: number;
  bytes: number;
}

/** A file, or a pipeline in the layout of diffusers: a file for each network, in any order. */
export type ModelSource = FileSource | PartsSource;

export interface PartsSource {
  from: "parts";
  name: string;
  parts: readonly FileSource[];
}

/** What the page and the core call it. */
export function sourceName(source: ModelSource): string {
  return source.from === "file" ? (source.name ?? source.file.name) : source.name;
}
