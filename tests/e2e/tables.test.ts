import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import type { Tables } from "../../www/src/engine/protocol";
import { tables as recorded } from "../support/tables";

/** The core's tables, asked of the CPU build; no browser is needed for that. */
async function coreTables(): Promise<Tables> {
  const folder = new URL("../../www/src/wasm/cpu/", import.meta.url);
  const core = (await import(new URL("burnish.js", folder).href)) as {
    initSync(input: { module: Uint8Array }): unknown;
    Burnish: { tables(): Tables };
  };
  core.initSync({ module: await readFile(new URL("burnish_bg.wasm", folder)) });
  return core.Burnish.tables();
}

/** The form is made from the core's tables; this keeps true what the fast tests know of them. */
test("the recorded tables are the core's", async () => {
  expect(recorded).toEqual(await coreTables());
});
