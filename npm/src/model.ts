/** What the package takes for a model, and where its bytes are. */

import type { FileSource, Manifest, ModelSource } from "../../www/src/engine/protocol";
import { nameFrom } from "../../www/src/engine/store/names";

/** A model and where its bytes are; without a manifest what it is follows from the file. */
export interface Model {
  manifest: Manifest | null;
  source: ModelSource;
}

/** A file, one of a private file system, or an address. */
export type FileInput = File | FileSystemFileHandle | { url: string; sha256?: string };

/** A pipeline in the layout of diffusers: UNet, VAE and text encoders, a file each, in any order. */
export interface PartsInput {
  parts: readonly FileInput[];
  /** What errors call it; "pipeline" unless given. */
  name?: string;
  /** What its settings say that the files do not: `prediction`, `zero_terminal_snr`, `clip_heads`. */
  manifest?: Manifest;
}

/** What `load_pipe` takes. */
export type ModelInput = Model | FileInput | PartsInput;

export function modelFrom(model: ModelInput): Model {
  if (!(model instanceof File)) {
    if ("source" in model) return model;
    if ("parts" in model) {
      const { name = "pipeline", manifest = null, parts } = model;
      return { manifest, source: { from: "parts", name, parts: parts.map(fileFrom) } };
    }
  }
  return { manifest: null, source: fileFrom(model) };
}

export const sourceOf = (model: ModelInput): { source: ModelSource } => ({
  source: modelFrom(model).source,
});

function fileFrom(file: FileInput): FileSource {
  if (file instanceof File) {
    // Files of a pipeline are told apart by their folders.
    return { from: "file", file, name: file.webkitRelativePath || file.name };
  }
  if ("getFile" in file) return { from: "handle", name: file.name, handle: file };
  return { from: "url", name: nameFrom(file.url), ...file };
}
