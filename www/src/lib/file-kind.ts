/** What a file is, by its name; whether it is a picture at all, its bytes tell. */

const KINDS = [
  ["model", /\.(safetensors|ckpt|pt|pth|bin|onnx|gguf)$/i],
  ["json", /\.json$/i],
  ["wildcards", /\.(txt|ya?ml)$/i],
] as const;

export type FileKind = (typeof KINDS)[number][0] | "picture";

export function kindOf(name: string): FileKind {
  return KINDS.find(([, pattern]) => pattern.test(name))?.[0] ?? "picture";
}
