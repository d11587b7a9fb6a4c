// Numbers as people read them.

export const mib = (bytes) => `${(bytes / 1024 / 1024).toFixed(2)} MiB`;

/** Time since `began` (milliseconds of `Date.now()`). */
export const seconds = (began) => `${((Date.now() - began) / 1000).toFixed(1)} s`;
