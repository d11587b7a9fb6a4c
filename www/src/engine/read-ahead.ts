/** Fewer and larger reads for those who read a file mostly from front to back. */

/** `length` bytes from `offset`. */
export type Read = (offset: number, length: number) => Uint8Array;

const LEAST = 256 << 10;
const MOST = 16 << 20;
/** A gap of so many bytes is still taken for reading on: tensors that nobody needs. */
const NEAR = 1 << 20;

/**
 * Reads `file`, whose calls cost milliseconds however little they read, and keeps what lies behind.
 * The window doubles, up to 16 MB, as long as reads follow one another, and begins anew with 256 kB
 * where they jump: a jump costs no more than that, a checkpoint in order a read every 16 MB.
 */
export function readAhead(file: { size: number; read: Read }): Read {
  let kept: { begin: number; bytes: Uint8Array } = { begin: 0, bytes: new Uint8Array(0) };
  let size = LEAST / 2;
  return (offset, length) => {
    const end = kept.begin + kept.bytes.length;
    const isKept = offset >= kept.begin && offset + length <= end;
    if (!isKept) {
      const goesOn = offset >= kept.begin && offset <= end + NEAR;
      size = goesOn ? Math.min(2 * size, MOST) : LEAST;
      const wanted = Math.min(Math.max(length, size), file.size - offset);
      // What goes beyond the end of the file is for the file to refuse.
      kept = { begin: offset, bytes: file.read(offset, Math.max(wanted, length)) };
    }
    const from = offset - kept.begin;
    return kept.bytes.subarray(from, from + length);
  };
}
