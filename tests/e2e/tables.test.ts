import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { rowsOf, type SettingRow } from "../../www/src/state/settings-table";

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
      const rows = rowsOf(name);
      const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
      const facts = (row: SettingRow) => ({
        name: row.name,
        default: row.default,
        ...(row.kind === "number" && { min: row.min, max: row.max }),
      });
      const core = settings.map((setting) => {
        const row = rows.find((row) => row.name === setting.name);
        const { min, max } = setting;
        return {
          name: setting.name,
          default: row?.kind === "seed" ? String(setting.default) : setting.default,
          ...(row?.kind === "number" && { min, max }),
        };
      });
      expect(rows.map(facts).sort(byName)).toEqual(core.sort(byName));
    },
  );

  test("the defaults are names the core knows", () => {
    expect(samplers).toContain("euler");
    expect(schedulers).toContain("normal");
  });
});
