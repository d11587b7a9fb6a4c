/** Trying again after a lost connection. */

/** Losses in a row, without a byte gained between them, after which we stop. */
export const MOST_LOSSES = 8;

/** Time to wait before try `losses + 1`, in milliseconds: half a second, doubled, at most 30. */
export function backOff(losses: number): number {
  return Math.min(30_000, 500 * 2 ** (losses - 1));
}

/** Waits, shorter if the connection comes back; rejects when `signal` aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = new AbortController();
    const settle = (done: () => void) => () => {
      clearTimeout(timer);
      end.abort();
      done();
    };
    const timer = setTimeout(settle(resolve), ms);
    globalThis.addEventListener?.("online", settle(resolve), { signal: end.signal });
    signal.addEventListener(
      "abort",
      settle(() => reject(new DOMException("Stopped.", "AbortError"))),
      { signal: end.signal },
    );
  });
}
