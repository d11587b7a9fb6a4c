import { expect, it } from "vitest";
import { cropName, firstList } from "../../../../www/src/panels/gallery/logic";

const pixels = { data: new Uint8ClampedArray(4), width: 1, height: 1 };

it("begins with the first list that holds anything", () => {
  const crops = { refined: [], enhanced_alpha: [], cropped: [pixels] };
  expect(firstList(crops)).toBe("cropped");
  expect(firstList({ ...crops, refined: [pixels] })).toBe("refined");
});

it("names a crop after its picture, list and place", () => {
  expect(cropName("cat", "enhanced_alpha", 1)).toBe("cat-enhanced-alpha-2.png");
});
