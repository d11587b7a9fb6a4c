import { describe, expect, it } from "vitest";
import { aboutLocal, aboutUrl } from "../../../../www/src/engine/store/about";
import {
  actionsOf,
  entrySize,
  modelLine,
  notHere,
  persistedText,
  saidIn,
  storageText,
  transferLine,
} from "../../../../www/src/panels/models/logic";

const url = "https://example.org/a.safetensors";
const part = { ...aboutUrl({ url, bytes: 2e9 }), stored: 5e8 };
const whole = { ...part, stored: 2e9, complete: true, kind: "checkpoint, F16" };
const transfer = { state: "downloading", done: 5e8, total: 2e9, speed: 1e7, atMs: 0 } as const;

describe("the line under a model", () => {
  it("says what it is and how large", () => {
    expect(modelLine(whole, undefined)).toBe("checkpoint, F16 · 2.00 GB");
    const parts = [1, 2, 3].map((bytes) => ({ name: "", bytes }));
    expect(modelLine({ ...whole, parts }, undefined)).toContain("2.00 GB in 3 files");
    expect(modelLine(part, undefined)).toBe("Paused · 500.0 MB of 2.00 GB");
    expect(modelLine({ ...part, bytes: null }, undefined)).toBe("Paused · 500.0 MB");
  });

  it("says speed and time left once they are known", () => {
    expect(transferLine(transfer)).toBe(
      "Downloading · 500.0 MB of 2.00 GB · 10.0 MB/s · 2 min 30 s left",
    );
    expect(transferLine({ ...transfer, speed: null })).toBe("Downloading · 500.0 MB of 2.00 GB");
    expect(transferLine({ ...transfer, total: null })).toBe("Downloading · 500.0 MB · 10.0 MB/s");
    expect(transferLine({ ...transfer, state: "waiting", done: 0, speed: null })).toBe(
      "Waiting for the server or another tab",
    );
  });
});

it("says what is being loaded before anything else", () => {
  const device = { kind: "cpu", name: "CPU", detail: "" } as const;
  const said = { tone: "error", text: "x" } as const;
  const loading = { is: "loading", device, name: "a", done: 0, total: 0 } as const;
  expect(saidIn(said, loading)).toEqual({ tone: "info", text: "“a” is being loaded…" });
  expect(saidIn(said, { is: "ready", device, model: "a" })).toBe(said);
});

it("offers what can be done", () => {
  expect(actionsOf(whole, undefined, null)).toEqual(["load", "delete"]);
  expect(actionsOf(whole, undefined, "loaded")).toEqual(["delete"]);
  expect(actionsOf(whole, undefined, "used")).toEqual(["stop", "delete"]);
  expect(actionsOf(part, transfer, null)).toEqual(["pause", "cancel"]);
  expect(actionsOf(part, undefined, null)).toEqual(["resume", "cancel"]);
  const file = aboutLocal({ name: "a", parts: [], manifest: null });
  expect(actionsOf(file, transfer, null), "a copy starts over").toEqual(["cancel"]);
});

it("says the space and whether the browser keeps it", () => {
  const storage = { usage: 3.2e7, quota: 9.8e9, persisted: false };
  expect(storageText(storage)).toBe("32.0 MB of 9.80 GB used.");
  expect(persistedText(storage)).toContain("may clear it");
  expect(persistedText({ ...storage, persisted: true })).toContain("keeps it");
});

it("lists what is not here, with its size where that is known", () => {
  const entries = [
    { title: "a", about: "", url },
    { title: "b", about: "", url: `${url}2`, bytes: 2e9 },
  ];
  expect(notHere(entries, [part]).map(({ title }) => title)).toEqual(["b"]);
  expect(entries.map(entrySize)).toEqual(["", "2.00 GB"]);
});
