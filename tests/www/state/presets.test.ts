import { describe, expect, it } from "vitest";
import { problemsOf } from "../../../www/src/state/form";
import { BUILT_IN, nameProblem, withPreset } from "../../../www/src/state/presets";
import { formWith, tables } from "../../support/tables";

const named = (name: string, cfg = "1") => {
  return { name, node: null, values: { cfg }, followsModel: false };
};

describe("the presets of the page", () => {
  it.each(BUILT_IN)("$name can be used with every node that has its settings", ({ values }) => {
    const known = tables.nodes.flatMap(({ settings }) => settings.map(({ name }) => name));
    for (const name of Object.keys(values)) expect(known).toContain(name);
    for (const { name } of tables.nodes)
      expect(problemsOf(formWith(values, { node: name }))).toEqual({});
  });
});

describe("the user's presets", () => {
  it("are in order, and a name is there once", () => {
    const own = withPreset(withPreset(withPreset([], named("b")), named("a")), named("b", "2"));
    expect(own).toEqual([named("a"), named("b", "2")]);
  });

  it("have a name of their own", () => {
    expect(nameProblem("  ")).toBe("Give the preset a name.");
    expect(nameProblem("Redraw")).toBe("“Redraw” comes with the page. Choose another name.");
    expect(nameProblem("x".repeat(61))).toContain("60 letters");
    expect(nameProblem("faces")).toBeNull();
  });
});
