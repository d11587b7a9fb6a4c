/** Files of one network that lie side by side: which is taken. Pure. */

const SAFETENSORS = /\.safetensors$/i;
const PIECE = /-\d{5}-of-\d{5}/;

/** From the best: half the bytes, and hardly a difference to be seen. "" is the file without a variant. */
const VARIANTS = ["fp16", "", "bf16", "fp32", "ema", "non_ema"];
/** What networks are called; the rest lies there for something else. */
const STEMS = ["diffusion_pytorch_model", "model", "pytorch_model"];

/** The file of a network among the names in its folder; null where no single one holds it. */
export function weightsIn(names: readonly string[]): string | null {
  const whole = names.filter((name) => SAFETENSORS.test(name) && !PIECE.test(name));
  return whole.toSorted(byVariant)[0] ?? null;
}

/** The first piece of a network that is cut into several; null where there is none. */
export function firstPiece(names: readonly string[]): string | null {
  const pieces = names.filter((name) => SAFETENSORS.test(name) && PIECE.test(name));
  return pieces.toSorted()[0] ?? null;
}

/** Sorts what is best to take first. */
export function byVariant(one: string, other: string): number {
  const [a, b] = [ranked(one), ranked(other)];
  return a.stem - b.stem || a.variant - b.variant || one.localeCompare(other);
}

/** The path that files of the same numbers share. */
export function withoutVariant(path: string): string {
  return path.replace(/(\.(fp16|bf16|fp32|ema|non_ema))?\.[^./]+$/i, "");
}

function ranked(path: string): { stem: number; variant: number } {
  const name = (path.split("/").at(-1) ?? "").replace(/\.[^.]+$/, "");
  const [stem = "", ...variant] = name.split(".");
  return { stem: place(STEMS, stem), variant: place(VARIANTS, variant.join(".").toLowerCase()) };
}

function place(names: readonly string[], wanted: string): number {
  const at = names.indexOf(wanted);
  return at < 0 ? names.length : at;
}
