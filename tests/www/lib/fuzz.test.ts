/** Damaged pictures and documents: read or refused with a sentence, never anything else. */

import { expect, it } from "vitest";
import { documentIn } from "../../../www/src/commands/share";
import { withText } from "../../../www/src/lib/png-text";
import { sharedFrom, ShareError } from "../../../www/src/state/share";
import { bytesFrom, randomFrom } from "../../support/random";
import { tinyPng } from "../../support/png";
import { tables } from "../../support/tables";

/** `FUZZ_SECONDS=60` looks for longer. */
const SECONDS = Number(process.env.FUZZ_SECONDS ?? 1);

const GRAPH = JSON.stringify({
  6: { class_type: "CLIPTextEncode", inputs: { text: "a fox", clip: ["4", 1] } },
  8: { class_type: "ToBasicPipe", inputs: { positive: ["6", 0], negative: ["6", 0] } },
  9: {
    class_type: "MaskDetailerPipe",
    inputs: { seed: 7, steps: 20, cfg: 7.5, basic_pipe: ["8", 0], detailer_hook: ["10", 0] },
  },
  10: { class_type: "DetailerHookCombine", inputs: { hook1: ["11", 0], hook2: ["10", 0] } },
  11: { class_type: "NoiseInjectionDetailerHookProvider", inputs: { seed: 3 } },
});
const RECIPE = JSON.stringify({
  schema: "burnish.settings",
  version: 1,
  node: "DetailerForEach",
  prompt: "a fox",
  settings: { steps: 4, seed: "9", detailer_hook: [{ type: "unsampler", steps: 3 }] },
});
const STARTS = [
  ["prompt", GRAPH],
  ["burnish", RECIPE],
].map(([keyword, text]) => withText(tinyPng(3, 2), keyword!, text!));

/** A few bytes changed, taken away, doubled or cut off at the end. */
function damaged(start: Uint8Array, random: () => number): Uint8Array<ArrayBuffer> {
  let bytes = [...start];
  const at = () => Math.floor(random() * bytes.length);
  for (let count = 1 + Math.floor(random() * 6); count > 0; count--) {
    const kind = random();
    if (kind < 0.5) bytes[at()] = Math.floor(random() * 256);
    else if (kind < 0.7) bytes.splice(at(), 1 + Math.floor(random() * 8));
    else if (kind < 0.9) bytes.splice(at(), 0, ...bytes.slice(at(), at()), ...bytesFrom(random, 2));
    else bytes = bytes.slice(0, at() + 1);
  }
  return Uint8Array.from(bytes);
}

it(
  "what damaged pictures say about themselves is read or refused",
  { timeout: SECONDS * 2000 + 10_000 },
  () => {
    const random = randomFrom(1);
    const until = performance.now() + SECONDS * 1000;
    let [read, refused] = [0, 0];
    while (performance.now() < until) {
      const png = damaged(STARTS[Math.floor(random() * STARTS.length)]!, random);
      try {
        const document = documentIn(png);
        if (document === null) continue;
        sharedFrom(document, tables, "It");
        read++;
      } catch (error) {
        if (!(error instanceof ShareError)) {
          throw new Error(`found with ${Buffer.from(png).toString("base64")}`, { cause: error });
        }
        refused++;
      }
    }
    expect(Math.min(read, refused)).toBeGreaterThan(10);
  },
);
