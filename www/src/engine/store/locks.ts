/** Names that tabs lock by, so that they neither write the same file nor delete what another uses. */

/** Held exclusively while bytes are written or taken away. */
export const writeLock = (id: string): string => `burnish-model-write-${id}`;
/** Held shared while a model is loaded. */
export const useLock = (id: string): string => `burnish-model-use-${id}`;
export const CHANNEL = "burnish-models";

/** Holds `name` as one of many until the returned function is called. */
export function holdShared(name: string): () => void {
  if (!("locks" in navigator)) return () => {};
  let free = (): void => {};
  const held = new Promise<void>((resolve) => (free = resolve));
  void navigator.locks.request(name, { mode: "shared" }, () => held).catch(() => {});
  return free;
}

/** Runs `run` alone; false without running it when another holds `name`. */
export async function ifFree(name: string, run: () => Promise<void>): Promise<boolean> {
  if (!("locks" in navigator)) return run().then(() => true);
  return navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
    if (lock) await run();
    return lock !== null;
  });
}

/** Runs `run` alone, once whoever is before us is done. */
export async function alone<T>(
  name: string,
  run: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  if (!("locks" in navigator)) return run();
  return navigator.locks.request(name, signal ? { signal } : {}, run);
}
