/** Models the page knows where to find; nothing is fetched unless the user asks. */

import catalogue from "../../../models/catalogue.json";
import type { Wanted } from "./store/types";

export interface CatalogueEntry extends Wanted {
  title: string;
  /** What it is good for, as a sentence. */
  about: string;
}

/** What is not known for certain is left out of the file. */
export const CATALOGUE: readonly CatalogueEntry[] = catalogue;
