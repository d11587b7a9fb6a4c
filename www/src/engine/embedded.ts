/** The model and sample picture that ship with the page. */

import type { Manifest } from "./protocol";

const manifests = import.meta.glob<Manifest>("../../../models/embedded.json", {
  eager: true,
  import: "default",
});
const files = import.meta.glob<string>("../../../models/portrait/*.{safetensors,png,webp,jpg}", {
  eager: true,
  query: "?url",
  import: "default",
});

export interface Embedded {
  manifest: Manifest;
  title: string;
  modelUrl: string;
  /** The motion module made for the model, where one ships with it. */
  motion: { name: string; url: string } | null;
  sample: { imageUrl: string; maskUrl: string; prompt: string; negative: string } | null;
}

/** Null in a copy of the page that was built without a model. */
export function embeddedModel(): Embedded | null {
  const manifest = Object.values(manifests)[0];
  const modelUrl = manifest && files[`../../../models/${manifest.file}`];
  if (!manifest || !modelUrl) return null;
  const { sample, motion } = manifest;
  const motionUrl = motion && files[`../../../models/${motion.file}`];
  const imageUrl = sample && files[`../../../models/${sample.image}`];
  const maskUrl = sample && files[`../../../models/${sample.mask}`];
  return {
    manifest,
    title: manifest.title ?? manifest.name,
    modelUrl,
    motion: motionUrl ? { name: motion.file, url: motionUrl } : null,
    sample:
      imageUrl && maskUrl
        ? {
            imageUrl,
            maskUrl,
            prompt: sample.prompt || (manifest.prompts?.[0] ?? ""),
            negative: sample.negative ?? "",
          }
        : null,
  };
}
