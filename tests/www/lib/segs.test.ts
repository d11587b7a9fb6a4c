import { describe, expect, it } from "vitest";
import { isSegs, SegsError, summaryOf } from "../../../www/src/lib/segs";

const segment = { label: "face", bbox: [1, 1, 3, 3], crop_region: [0, 0, 4, 4], mask: "data:" };
const document = {
  schema: "burnish.segs",
  version: 1,
  size: { width: 8, height: 6 },
  segments: [segment, { ...segment, label: undefined }],
};
const refusal = (value: unknown) => {
  try {
    summaryOf(typeof value === "string" ? value : JSON.stringify(value), "a.json");
    return "none";
  } catch (error) {
    if (!(error instanceof SegsError)) throw error;
    return error.message;
  }
};

describe("summaryOf", () => {
  it("tells size, labels and places", () => {
    expect(summaryOf(JSON.stringify(document), "a.json")).toEqual({
      size: { width: 8, height: 6 },
      segments: [
        { label: "face", region: [0, 0, 4, 4] },
        { label: "A", region: [0, 0, 4, 4] },
      ],
    });
  });

  it("says what is wrong with a document", () => {
    for (const other of ["", "{", "null", "[]", { schema: "burnish.settings" }]) {
      expect(refusal(other)).toBe(
        "“a.json” holds no segments. Open a JSON file that Burnish saved.",
      );
    }
    expect(refusal({ ...document, version: 2 })).toContain("is of version 2");
    const damaged = "“a.json” is damaged: a segment in it lacks its place. Save it again.";
    expect(refusal({ ...document, size: { width: 8 } })).toBe(damaged);
    expect(refusal({ ...document, segments: {} })).toBe(damaged);
    for (const crop_region of [undefined, [0, 0, 4], [0, 0, 4, "4"]]) {
      expect(refusal({ ...document, segments: [{ ...segment, crop_region }] })).toBe(damaged);
    }
  });
});

it("isSegs goes by the schema", () => {
  expect(isSegs(JSON.stringify(document))).toBe(true);
  expect(isSegs('{"schema":"burnish.settings"}')).toBe(false);
  expect(isSegs("no json")).toBe(false);
});
