/** What a dropped file is. */

/** A checkpoint goes by its name; whether anything else is a picture, its bytes tell. */
export function kindOf(name: string): "model" | "picture" {
  return /\.(safetensors|ckpt|pt|gguf)$/i.test(name) ? "model" : "picture";
}
