/** A folder as a hub gives it, as the networks of one pipeline, or a sentence on what is wrong. */

import type { Manifest } from "../../engine/protocol";
import { classOf, hasPart, manifestFrom, originOf, SETTINGS, type Settings } from "./settings";
import type { Folder } from "./sort";
import { firstPiece, weightsIn } from "./variants";

/** What makes up a pipeline. */
export interface Pipeline {
  name: string;
  /** By their paths in the folder. */
  parts: readonly { name: string; file: File }[];
  manifest: Manifest;
  /** The class of diffusers that runs it; may be empty. */
  className: string;
}

/** The networks of a pipeline; what else lies there (tokenizer, safety checker) is not read. */
const NETWORKS = [
  { folder: "unet", title: "UNet", file: "diffusion_pytorch_model.safetensors" },
  { folder: "vae", title: "VAE", file: "diffusion_pytorch_model.safetensors" },
  { folder: "text_encoder", title: "text encoder", file: "model.safetensors" },
  { folder: "text_encoder_2", title: "second text encoder", file: "model.safetensors" },
] as const;

/** Forms of weights that cannot be read, and why. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/\.(bin|pt|pth|ckpt|pkl)$/i, "which can run any program when it is opened"],
  [/\.(onnx|onnx_data|pb|xml|msgpack|h5|gguf|mlmodel)$/i, "which is for other software"],
];

/** The pipeline in `folder`. */
export async function pipelineIn(folder: Folder): Promise<Pipeline | { problem: string }> {
  const { settings, damaged } = await settingsIn(folder);
  const name = nameOf(folder, settings);
  const problems = damaged.map((path) => `${path} is damaged: download it again.`);
  const parts: { name: string; file: File }[] = [];
  const lacking: string[] = [];
  for (const network of NETWORKS) {
    const inside = namesIn(folder, network.folder);
    const weights = weightsIn(inside);
    const path = `${network.folder}/${weights ?? ""}`;
    const file = folder.files.get(path);
    if (file) parts.push({ name: path, file });
    else if (isNeeded(network.folder, inside, folder, settings)) {
      const found = foundInstead(network, inside);
      if (found) problems.push(found);
      else lacking.push(`${network.folder}/${network.file}`);
    }
  }
  if (lacking.length > 0) problems.push(lackingText(lacking, classOf(settings)));
  const made = manifestFrom(name, settings);
  if ("problem" in made) problems.push(made.problem);
  if (problems.length > 0 || "problem" in made) {
    return { problem: [`“${name}” cannot be loaded.`, ...problems, ...beside(folder)].join(" ") };
  }
  return { name, parts, manifest: made.manifest, className: classOf(settings) };
}

/** Whether the pipeline is none without this network. */
function isNeeded(
  network: string,
  inside: readonly string[],
  folder: Folder,
  settings: Settings,
): boolean {
  if (network === "unet" || network === "vae") return true;
  const listed = hasPart(settings, network);
  if (listed !== null) return listed;
  const hasSecond = namesIn(folder, "text_encoder_2").length > 0;
  return network === "text_encoder" ? !hasSecond : inside.some((name) => formOf(name) !== null);
}

/** What is there in a network's place, as a sentence with what to do; null when nothing is. */
function foundInstead(
  { folder, title }: { folder: string; title: string },
  inside: readonly string[],
): string | null {
  const piece = firstPiece(inside);
  if (piece) {
    const where = `Its ${title} is cut into pieces (${folder}/${piece} and so on), which cannot be joined.`;
    return `${where} Get it as one file, such as the variant with fp16 in its name.`;
  }
  const other = inside.find((name) => formOf(name) !== null);
  if (!other) return null;
  const what = `Its ${title} is there only as ${folder}/${other}, ${formOf(other)}.`;
  return `${what} Get the same model as .safetensors, or convert it.`;
}

function lackingText(lacking: readonly string[], className: string): string {
  const files = lacking.join(" and ");
  const isOther = className !== "" && !/^(StableDiffusion|LatentConsistency)/.test(className);
  if (isOther && lacking.some((path) => path.startsWith("unet/"))) {
    return `It is a ${className}: pipelines of Stable Diffusion 1.x, 2.x and XL can be loaded.`;
  }
  const verb = lacking.length > 1 ? "are" : "is";
  return `${files} ${verb} missing: drop the whole folder, with all that belongs to the model.`;
}

/** A single file beside the networks may be the whole model. */
function beside({ files }: Folder): string[] {
  const single = weightsIn([...files.keys()].filter((path) => !path.includes("/")));
  return single ? [`Beside it lies “${single}”: try that file alone.`] : [];
}

function namesIn({ files }: Folder, folder: string): string[] {
  const prefix = `${folder}/`;
  const below = [...files.keys()].filter((path) => path.startsWith(prefix));
  return below.map((path) => path.slice(prefix.length)).filter((name) => !name.includes("/"));
}

function formOf(name: string): string | null {
  return FORMS.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

/** The folder's name, past those that a hub's cache makes up. */
function nameOf({ path }: Folder, settings: Settings): string {
  const cached = /models--([^/]+)\//.exec(`${path}/`)?.[1]?.split("--").at(-1);
  return cached || path.split("/").at(-1) || originOf(settings) || "pipeline";
}

async function settingsIn({ files }: Folder) {
  const settings: Record<string, unknown> = {};
  const damaged: string[] = [];
  for (const path of SETTINGS) {
    const file = files.get(path);
    if (!file) continue;
    try {
      const read: unknown = JSON.parse(await file.text());
      settings[path] = read;
    } catch {
      damaged.push(path);
    }
  }
  return { settings, damaged };
}
