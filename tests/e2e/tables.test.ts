import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { rowsOf } from "../../www/src/state/settings-table";

/** A node's setting as the core's tables give it. */
interface CoreSetting {
  name: string;
  default: unknown;
  min?: number;
  max?: number;
}
interface CoreTables {
  samplers: string[];
  schedulers: string[];
  nodes: { name: "MaskDetailer" | "DetailerForEach"; settings: CoreSetting[] }[];
}

/** The core's tables, asked of the CPU build; no browser is needed for that. */
async function coreTables(): Promise<CoreTables> {
  const folder = new URL("../../www/src/wasm/cpu/", import.meta.url);
  const core = (await import(new URL("burnish.js", folder).href)) as {
    initSync(input: { module: Uint8Array }): unknown;
    Burnish: { tables(): CoreTables };
  };
  core.initSync({ module: await readFile(new URL("burnish_bg.wasm", folder)) });
  return core.Burnish.tables();
}

describe("the form's table and the core's", async () => {
  const { nodes, samplers, schedulers } = await coreTables();

  test.each(nodes.map((node) => [node.name, node.settings] as const))(
    "%s has the same settings, defaults and ranges in both",
    (name, settings) => {
      // The page makes one picture at a time.
      const wanted = settings.filter((setting) => setting.name !== "batch_size");
      for (const setting of wanted) {
        const row = rowsOf(name).find((row) => row.name === setting.name);
        const { min, max } = setting;
        const range = row?.kind === "number" ? { min, max } : {};
        expect(row, setting.name).toMatchObject({ default: setting.default, ...range });
      }
      // What DetailerForEach does not have itself, its mask is turned into segments with.
      const known = new Set(nodes.flatMap((node) => node.settings.map((setting) => setting.name)));
      expect(rowsOf(name).filter((row) => !known.has(row.name))).toEqual([]);
    },
  );

  test("the defaults are names the core knows", () => {
    expect(samplers).toContain("euler");
    expect(schedulers).toContain("normal");
  });
});
