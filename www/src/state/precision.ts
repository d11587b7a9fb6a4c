/** How weights can be kept on a graphics card, as the page offers it. Pure. */

import type { Precision } from "../engine/protocol";

export interface PrecisionChoice {
  name: Precision;
  title: string;
  /** What it costs and saves, as a sentence. */
  help: string;
}

/** In the order the page lists them. */
export const PRECISIONS: readonly PrecisionChoice[] = [
  {
    name: "auto",
    title: "As in the file",
    help: "Changes no number: files in half precision take two bytes a number on the graphics card, others four.",
  },
  {
    name: "f32",
    title: "32 bits",
    help: "Four bytes a number. More memory than the file asks for, and no better pictures.",
  },
  {
    name: "f16",
    title: "16 bits",
    help: "Two bytes a number, also under LoRAs and for files in f32 and bf16. Pictures hardly change.",
  },
  {
    name: "int8",
    title: "8 bits",
    help: "A little over one byte a number, for cards with little memory. Details change slightly.",
  },
  {
    name: "int4",
    title: "4 bits",
    help: "A little over half a byte a number, where nothing else fits. Pictures lose quality.",
  },
];

/** The sentence of a choice; on the processor there is none to make. */
export function precisionHelp(name: Precision, isCpu: boolean): string {
  if (isCpu)
    return "The processor keeps weights in 32 bits. On a graphics card they can take less.";
  const choice = PRECISIONS.find((one) => one.name === name);
  return `${choice?.help ?? ""} Counts for models that are loaded from now on.`.trim();
}
