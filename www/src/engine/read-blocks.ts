/** Fewer and larger reads for those who read a file in pieces, here and there but all of it. */

import type { Read } from "./read-ahead";

/** Bytes read at once: much less, and most of the time is the call's own. */
const BLOCK = 16 << 20;
/** Blocks kept; the networks of a checkpoint read in no more places at a time. */
const MOST = 4;

/**
 * Reads `file` in blocks, of which the last used are kept: a layer's tensors lie near one another,
 * but seldom in the order in which they are needed. For loading a whole checkpoint; whoever reads
 * a row now and then is better served by `readAhead`.
 */
export function readBlocks(file: { size: number; read: Read }): Read {
  const kept = new Map<number, Uint8Array>();

  function block(index: number): Uint8Array {
    const begin = index * BLOCK;
    const bytes = kept.get(index) ?? file.read(begin, Math.min(BLOCK, file.size - begin));
    // A map remembers in which order it was filled: the last used goes to its end.
    kept.delete(index);
    kept.set(index, bytes);
    const [oldest] = kept.keys();
    if (kept.size > MOST && oldest !== undefined) kept.delete(oldest);
    return bytes;
  }

  return (offset, length) => {
    const end = Math.min(offset + length, file.size);
    if (end <= offset) return new Uint8Array(0);
    if (end - offset > BLOCK) return file.read(offset, end - offset);
    const index = Math.floor(offset / BLOCK);
    const from = offset - index * BLOCK;
    const head = block(index).subarray(from, from + end - offset);
    if (head.length === end - offset) return head;
    const whole = new Uint8Array(end - offset);
    whole.set(head);
    whole.set(block(index + 1).subarray(0, whole.length - head.length), head.length);
    return whole;
  };
}
