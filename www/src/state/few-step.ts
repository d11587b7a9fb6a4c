/** Models made for few steps: told by their names, and the settings that suit them. Pure. */

export interface FewStep {
  /** Also the name of its preset. */
  name: string;
  pattern: RegExp;
  values: { sampler_name: string; scheduler: string; steps: string; cfg: string };
}

/** Steps and cfg as the models' own cards give them. */
export const FEW_STEP: readonly FewStep[] = [
  few("LCM", /\blcm\b/i, "lcm", "sgm_uniform", "6", "1.5"),
  few("Hyper-SD", /\bhyper ?sd/i, "lcm", "sgm_uniform", "4", "1"),
  few("Lightning", /\blightning\b/i, "euler", "sgm_uniform", "4", "1"),
  few("Turbo", /\bturbo\b/i, "euler_ancestral", "sgm_uniform", "4", "1"),
];

/** The kind of `words`, a file's name or what it says about itself; null for an ordinary model. */
export function fewStepKind(...words: readonly (string | null | undefined)[]): FewStep | null {
  // `\b` takes an underscore for a letter.
  const text = words.join(" ").replace(/[_\-.]+/g, " ");
  return FEW_STEP.find(({ pattern }) => pattern.test(text)) ?? null;
}

function few(
  name: string,
  pattern: RegExp,
  sampler_name: string,
  scheduler: string,
  steps: string,
  cfg: string,
): FewStep {
  return { name, pattern, values: { sampler_name, scheduler, steps, cfg } };
}
