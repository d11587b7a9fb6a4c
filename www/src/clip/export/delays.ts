/** Frame lengths in the hundredths of a second that GIF counts in. Pure. */

import type { Film } from "../film";

/** Rounded so that no error adds up: the clip as a whole keeps its length. Browsers want 2 at least. */
export function frameDelays({ times, duration }: Pick<Film, "times" | "duration">): number[] {
  let told = 0;
  return times.map((_, at) => {
    const end = Math.round((times[at + 1] ?? duration) * 100);
    const delay = Math.max(end - told, 2);
    told += delay;
    return delay;
  });
}
