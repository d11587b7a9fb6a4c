/** The lists of crops a result has, with what the page calls them. Pure. */

import type { Crops } from "../../state/state";

export interface CropList {
  key: keyof Crops;
  title: string;
  help: string;
}

export const CROP_LISTS: readonly CropList[] = [
  { key: "refined", title: "Redrawn", help: "The new crops, one for each segment and frame." },
  { key: "enhanced_alpha", title: "With alpha", help: "The same, with the mask as transparency." },
  { key: "cropped", title: "Before", help: "What was cut out, before anything was redrawn." },
];

/** The first list that holds anything. */
export function firstList(crops: Crops): keyof Crops {
  return CROP_LISTS.find(({ key }) => crops[key].length > 0)?.key ?? "refined";
}

/** `portrait.jpg` gives `portrait-refined-1.png`. */
export function cropName(base: string, key: keyof Crops, at: number): string {
  return `${base}-${key.replace("_", "-")}-${at + 1}.png`;
}
