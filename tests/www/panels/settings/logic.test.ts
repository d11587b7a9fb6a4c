import { expect, it } from "vitest";
import { optionsOf, originOf } from "../../../../www/src/panels/settings/logic";
import { SETTINGS, type ChoiceRow } from "../../../../www/src/state/settings-table";

const row = (name: string) => SETTINGS.find((row) => row.name === name)!;
const tables = { samplers: ["euler", "ddim"], schedulers: ["normal"] };

it("lists the core's samplers, and keeps a value it does not know in sight", () => {
  const sampler = row("sampler_name") as ChoiceRow;
  expect(optionsOf(sampler, tables, "ddim").map(([name]) => name)).toEqual(["euler", "ddim"]);
  expect(optionsOf(sampler, tables, "heun").map(([name]) => name)).toContain("heun");
});

it("says where a value comes from unless it is the default", () => {
  const guide = row("guide_size");
  expect(originOf(guide, { value: "512", origin: "default" })).toBeNull();
  expect(originOf(guide, { value: "128", origin: "model" })).toBe(
    "Recommended by the model · node default 512",
  );
  expect(originOf(guide, { value: "300", origin: "user" })).toBe("Node default 512");
  expect(originOf(row("noise_mask"), { value: false, origin: "user" })).toBe("Node default on");
});
