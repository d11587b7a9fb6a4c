/** Networks of a pipeline among files that came by themselves, going by what each is. Pure. */

/** Kinds, as the core names them, that go with a UNet in the layout of diffusers. */
const WITH_UNET = new Set(["vae_diffusers", "clip_l", "clip_g", "clip_h"]);

/** Splits `files` into the networks of one pipeline and the rest; no networks unless it is plain. */
export function networksAmong<T>(
  files: readonly T[],
  kindOf: (file: T) => string,
): { networks: T[]; rest: T[] } {
  const unets = files.filter((file) => kindOf(file) === "unet_diffusers");
  const texts = files.filter((file) => kindOf(file).startsWith("clip_"));
  if (unets.length !== 1 || texts.length === 0) return { networks: [], rest: [...files] };
  const isPart = (file: T): boolean => unets.includes(file) || WITH_UNET.has(kindOf(file));
  return { networks: files.filter(isPart), rest: files.filter((file) => !isPart(file)) };
}

/** What the names of a pipeline's files have in common at their beginning, or else the first. */
export function commonName(names: readonly string[]): string {
  const [first = "", ...others] = names.map((name) => name.replace(/\.safetensors$/i, ""));
  const isCommon = (length: number): boolean =>
    others.every((other) => other.startsWith(first.slice(0, length)));
  let length = first.length;
  while (!isCommon(length)) length--;
  const common = first.slice(0, length).replace(/[\s._-]+$/, "");
  return common.length < 3 ? first : common;
}
