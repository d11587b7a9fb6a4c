import { describe, expect, it } from "vitest";
import { grouped, moved, optionsOf, originOf } from "../../../../www/src/panels/settings/logic";
import { shownRows } from "../../../../www/src/state/form";
import { formWith } from "../../../support/tables";

const rows = shownRows(formWith());
const row = (name: string) => rows.find((row) => row.name === name)!;

describe("optionsOf", () => {
  it("keeps a value the list lacks in sight", () => {
    expect(optionsOf(["euler"], "old")).toEqual(["old", "euler"]);
    expect(optionsOf(["euler"], "euler")).toEqual(["euler"]);
  });
});

describe("originOf", () => {
  it("says nothing about a default, and names it where another value stands", () => {
    expect(originOf(row("cfg"), "default")).toBeNull();
    expect(originOf(row("cfg"), "user")).toBe("Node default 8");
    expect(originOf(row("guide_size"), "model")).toBe(
      "Recommended by the model · node default 512",
    );
    expect(originOf(row("noise_mask"), "user")).toBe("Node default on");
    expect(originOf(row("detailer_hook"), "user")).toBeNull();
  });
});

describe("grouped", () => {
  it("shows five settings at once and loses none", () => {
    const groups = grouped(rows);
    expect(groups.get("common")?.map(({ name }) => name)).toEqual([
      "denoise",
      "steps",
      "cfg",
      "guide_size",
      "seed",
    ]);
    expect([...groups.values()].flat()).toHaveLength(rows.length);
  });

  it("has a place for a setting it does not know", () => {
    const unknown = { name: "new_setting", default: false, kind: "flag" } as const;
    expect([...grouped([unknown]).values()].flat()).toEqual([unknown]);
  });
});

describe("moved", () => {
  const list = ["a", "b", "c"].map((type) => ({ type, values: {} }));
  const types = (from: number, to: number) => moved(list, from, to).map(({ type }) => type);

  it("takes one to another place and leaves the others in order", () => {
    expect(types(0, 2)).toEqual(["b", "c", "a"]);
    expect(types(2, 1)).toEqual(["a", "c", "b"]);
  });

  it("changes nothing at the ends", () => {
    expect(types(0, -1)).toEqual(["a", "b", "c"]);
    expect(types(2, 3)).toEqual(["a", "b", "c"]);
  });
});
