import { expect, it } from "vitest";
import { formatBytes, formatSeconds, formatSize } from "../../../www/src/lib/format";

it("writes times as people say them", () => {
  const cases: [number, string][] = [
    [-1, "0 s"],
    [0.4, "0 s"],
    [59.4, "59 s"],
    [65, "1 min 05 s"],
    [7800, "2 h 10 min"],
  ];
  for (const [seconds, text] of cases) expect(formatSeconds(seconds)).toBe(text);
});

it("writes sizes in the unit that fits", () => {
  expect(formatSize({ width: 512, height: 384 })).toBe("512 × 384 px");
  expect(formatBytes(900)).toBe("1 kB");
  expect(formatBytes(24_600_000)).toBe("24.6 MB");
  expect(formatBytes(2_132_650_982)).toBe("2.13 GB");
});
