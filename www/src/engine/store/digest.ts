/** SHA-256 of a file that grows: every byte is hashed once, in order. */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

const CHUNK = 8 * 1024 * 1024;

/** A file open for reading and writing by byte range. */
export interface Sink {
  size(): number;
  read(offset: number, length: number): Uint8Array;
  write(bytes: Uint8Array, offset: number): void;
  truncate(size: number): void;
  flush(): void;
}

export class Digest {
  #hash = sha256.create();
  #upTo = 0;

  /** Takes in what lies in `sink` and has not been taken in, up to its end. */
  async catchUp(
    sink: Sink,
    onProgress: (done: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    for (const end = sink.size(); this.#upTo < end;) {
      signal.throwIfAborted();
      this.add(sink.read(this.#upTo, Math.min(CHUNK, end - this.#upTo)));
      onProgress(this.#upTo);
      // Lets messages in.
      await new Promise((resolve) => setTimeout(resolve));
    }
  }

  add(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    this.#upTo += bytes.byteLength;
  }

  reset(): void {
    this.#hash = sha256.create();
    this.#upTo = 0;
  }

  hex(): string {
    return bytesToHex(this.#hash.clone().digest());
  }
}
