/** What was dropped or chosen, sorted: pipelines in the layout of diffusers, models, the rest. Pure. */

import { kindOf } from "../file-kind";
import { INDEX } from "./settings";
import { byVariant, withoutVariant } from "./variants";

/** A file and where it lay: `sd/unet/model.safetensors`; no folder if it came by itself. */
export interface Dropped {
  path: string;
  file: File;
}

/** The files of a pipeline, by their paths in its folder. */
export interface Folder {
  /** Where it lay; empty if what is in it came by itself. */
  path: string;
  files: ReadonlyMap<string, File>;
}

export interface Sorted {
  folders: Folder[];
  /** Model files that belong to no folder of a pipeline. */
  models: File[];
  others: File[];
}

export function sorted(dropped: readonly Dropped[]): Sorted {
  const seen = dropped.filter(({ path }) => !path.split("/").some((part) => part.startsWith(".")));
  const roots = rootsOf(seen.map(({ path }) => path));
  const folders = new Map(roots.map((path) => [path, new Map<string, File>()]));
  const loose: Dropped[] = [];
  for (const one of seen) {
    const root = roots.find((path) => isBelow(one.path, path));
    if (root === undefined) loose.push(one);
    else folders.get(root)?.set(one.path.slice(root === "" ? 0 : root.length + 1), one.file);
  }
  const models = oneOfEach(loose.filter(({ path }) => kindOf(path) === "model"));
  const others = loose.filter(({ path }) => kindOf(path) !== "model");
  return {
    folders: [...folders].map(([path, files]) => ({ path, files })),
    models: models.map(({ file }) => file),
    // A folder of models has readmes and pictures beside them, which nobody means.
    others: others
      .filter(({ path, file }) => !path.includes("/") || (models.length === 0 && isMedia(file)))
      .map(({ file }) => file),
  };
}

/** Folders of pipelines, the deepest first. */
function rootsOf(paths: readonly string[]): string[] {
  const roots = new Set<string>();
  for (const path of paths) {
    const parts = path.split("/");
    const name = parts.pop() ?? "";
    if (name === INDEX) roots.add(parts.join("/"));
    else if (parts.at(-1) === "unet" && /^(config\.json$|diffusion_pytorch_model)/.test(name)) {
      roots.add(parts.slice(0, -1).join("/"));
    }
  }
  return [...roots].sort((one, other) => other.length - one.length);
}

function isBelow(path: string, root: string): boolean {
  return root === "" || path.startsWith(`${root}/`);
}

/** Of what lies in a folder: no pickles beside safetensors, and one of a file's variants. */
function oneOfEach(models: readonly Dropped[]): Dropped[] {
  const inside = models.filter(({ path }) => path.includes("/"));
  const alone = models.filter(({ path }) => !path.includes("/"));
  const safe = inside.filter(({ path }) => path.endsWith(".safetensors"));
  const best = new Map<string, Dropped>();
  for (const one of safe.length > 0 ? safe : inside) {
    const key = withoutVariant(one.path);
    const other = best.get(key);
    if (!other || byVariant(one.path, other.path) < 0) best.set(key, one);
  }
  return [...alone, ...best.values()];
}

function isMedia({ type }: File): boolean {
  return /^(image|video)\//.test(type);
}
