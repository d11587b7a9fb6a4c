import { describe, expect, it } from "vitest";
import { probe } from "../../../www/src/engine/probe";

const without = { requestAdapter: () => Promise.resolve(null) };
const broken = { requestAdapter: () => Promise.reject(new Error("lost")) };

describe("probe", () => {
  it("goes on with the CPU where there is no WebGPU, and says how to get it", async () => {
    const { backend, advice } = await probe(undefined, null);
    expect(backend).toBe("cpu");
    expect(advice).toContain("Chrome, Edge and Opera have it from version 113");
  });

  it("says that an insecure page is the reason where it is", async () => {
    expect((await probe(undefined, null, false)).advice).toContain("https or on localhost");
  });

  it("says what to do when there is no adapter", async () => {
    for (const gpu of [without, broken]) {
      const { backend, advice } = await probe(gpu, null);
      expect(backend).toBe("cpu");
      expect(advice).toContain("Update the graphics driver");
    }
  });

  it("takes the CPU when asked to, without looking", async () => {
    expect((await probe(undefined, "cpu")).advice).toBe("Running on the CPU as you asked.");
  });
});
