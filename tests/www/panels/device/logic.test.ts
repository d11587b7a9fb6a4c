import { expect, it } from "vitest";
import { chipText, deviceText, modelText } from "../../../../www/src/panels/device/logic";

const ready = (device: { kind: "gpu" | "software" | "cpu"; name: string; detail: string }) =>
  ({ is: "ready", device, model: "Portraits" }) as const;

it("names a GPU, and tells software and CPU apart", () => {
  const gpu = ready({ kind: "gpu", name: "GeForce RTX 3060", detail: "ampere" });
  expect(chipText(gpu)).toBe("GeForce RTX 3060");
  expect(deviceText(gpu)).toBe("GPU · GeForce RTX 3060 · ampere.");
  const software = ready({ kind: "software", name: "SwiftShader", detail: "" });
  expect(chipText(software)).toBe("Software adapter");
  expect(deviceText(software)).toContain("it is slow");
  expect(chipText(ready({ kind: "cpu", name: "CPU", detail: "" }))).toBe("CPU");
});

it("says when a model is still on its way", () => {
  const device = { kind: "cpu", name: "CPU", detail: "" } as const;
  expect(modelText(ready(device))).toBe("Portraits");
  expect(modelText({ is: "loading", device, name: "x", done: 0, total: 0 })).toBe("x (loading)");
});
