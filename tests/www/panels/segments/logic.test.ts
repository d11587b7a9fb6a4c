import { expect, it } from "vitest";
import { segmentsLine } from "../../../../www/src/panels/segments/logic";

const segment = { label: "A", region: [0, 0, 1, 1] } as const;

it("says where the segments come from", () => {
  expect(segmentsLine(null)).toBe("Every painted spot is one.");
  expect(segmentsLine({ name: "a.json", segments: [segment] })).toBe(
    "One from “a.json”; the painted mask waits.",
  );
  expect(segmentsLine({ name: "a.json", segments: [segment, segment] })).toBe(
    "2 from “a.json”; the painted mask waits.",
  );
});
