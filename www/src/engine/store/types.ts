/** What the model store keeps, takes and tells. No code here, only shapes. */

import type { Manifest } from "../protocol";

export interface Licence {
  name: string;
  url: string;
}

/** A file of a pipeline, and how much of the stored bytes it takes. */
export interface Part {
  name: string;
  bytes: number;
}

/** A model of the user's disk: a file, or the networks of a pipeline. */
export interface LocalModel {
  name: string;
  parts: readonly { name: string; file: File }[];
  /** What a pipeline's settings say; null for a single file. */
  manifest: Manifest | null;
}

/** One entry of the index: a model in private storage, whole or in part. */
export interface StoredModel {
  /** Names its two files; the same address gives the same id in every tab. */
  id: string;
  name: string;
  /** What it is, in a few words; null until it has been recognised. */
  kind: string | null;
  /** Size of the whole file; null until the server has said it. */
  bytes: number | null;
  /** Bytes that are here; `bytes` once complete. */
  stored: number;
  complete: boolean;
  paused: boolean;
  /** Lower-case hex: what it must be, or, once complete, what it is. */
  sha256: string | null;
  /** Where it comes from; null for a file of the user's disk. */
  url: string | null;
  licence: Licence | null;
  /** What tells one version of the file at `url` from the next. */
  etag: string | null;
  lastModified: string | null;
  /** The files of a pipeline, which lie one after the other; null for a single file. */
  parts: readonly Part[] | null;
  manifest: Manifest | null;
}

/** A model to download; what is not known is left out. */
export interface Wanted {
  url: string;
  title?: string;
  bytes?: number;
  sha256?: string;
  licence?: Licence;
}

/** "join" waits for the tab that transfers, and goes on only if that one was closed. */
export type Start = "new" | "again" | "join";

/** Page to worker. */
export type StoreRequest =
  | { do: "download"; about: StoredModel; start: Start }
  | { do: "copy"; about: StoredModel; file: Blob }
  | { do: "describe"; id: string; kind: string };

export type TransferState = "waiting" | "downloading" | "retrying" | "copying" | "checking";

/** Worker to every tab, over a broadcast channel. */
export type StoreEvent =
  | { type: "progress"; id: string; state: TransferState; done: number; total: number | null }
  | { type: "done"; id: string }
  | { type: "stopped"; id: string }
  | { type: "failed"; id: string; code: string; message: string }
  /** The index has changed. */
  | { type: "changed" }
  /** Asks whoever transfers `id` to stop. */
  | { type: "stop"; id: string };

/** Space for this page, in bytes. */
export interface Storage {
  usage: number;
  quota: number;
  /** Whether the browser has promised not to clear it by itself. */
  persisted: boolean;
}
