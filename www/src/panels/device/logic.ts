/** What the chip in the header says about device and model. Pure. */

import type { DeviceInfo } from "../../engine/protocol";
import type { EngineState } from "../../state/state";

const KINDS: Record<DeviceInfo["kind"], string> = {
  gpu: "GPU",
  software: "Software adapter",
  cpu: "CPU",
};

/** A few words for the chip. */
export function chipText(engine: EngineState): string {
  if (engine.is === "starting") return "Starting…";
  if (engine.is === "broken") return "Engine stopped";
  const { kind, name } = engine.device;
  return kind === "gpu" && name ? name : KINDS[kind];
}

/** The device in full. */
export function deviceText(engine: EngineState): string {
  if (engine.is === "starting") return "The engine is starting.";
  if (engine.is === "broken") return engine.failure.message;
  const { kind, name, detail } = engine.device;
  const slow =
    kind === "software" ? " A software adapter computes on the processor; it is slow." : "";
  return `${[...new Set([KINDS[kind], name, detail])].filter(Boolean).join(" · ")}.${slow}`;
}

/** The model, and whether it is there yet. */
export function modelText(engine: EngineState): string {
  switch (engine.is) {
    case "ready":
      return engine.model || "None";
    case "loading":
      return `${engine.name} (loading)`;
    default:
      return "None";
  }
}
