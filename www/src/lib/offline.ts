/** Keeps the page for visits without a network. */

/** Registers the service worker, which then fetches what it does not have yet. */
export function keepForOffline(): void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  // Private windows and some settings forbid it; the page works without.
  navigator.serviceWorker.register("./sw.js").catch(() => {});
}
