/**
 * What the form says about each setting: one sentence, and where it stands. Names, defaults and
 * ranges are the core's.
 */

/** Headings of the form; the first group is shown at once, the rest is folded away. */
export const GROUPS = [
  ["common", "Settings"],
  ["size", "Size"],
  ["sampling", "Sampling"],
  ["seam", "Seam"],
  ["mask", "From mask to segments"],
  ["passes", "Passes and refiner"],
  ["prompts", "Prompts for segments"],
  ["hooks", "Hooks"],
] as const;

export type Group = (typeof GROUPS)[number][0];

export interface Help {
  group: Group;
  help: string;
}

export const SETTING_HELP: Readonly<Record<string, Help>> = {
  denoise: {
    group: "common",
    help: "How much is redrawn: low values keep what is there, 1 starts from nothing.",
  },
  steps: {
    group: "common",
    help: "How many sampling steps each segment takes; more is slower and finer.",
  },
  cfg: {
    group: "common",
    help: "How strictly the prompt is followed; 1 ignores the negative prompt.",
  },
  guide_size: {
    group: "common",
    help: "The region is enlarged until its shorter side has this many pixels before it is redrawn.",
  },
  seed: {
    group: "common",
    help: "Chooses the noise; the same seed and settings give the same picture again.",
  },
  guide_size_for: {
    group: "size",
    help: "What guide_size is about: bbox is the painted area, crop_region has its surroundings, too.",
  },
  max_size: {
    group: "size",
    help: "The longer side of the enlarged region is kept at or below this.",
  },
  force_inpaint: {
    group: "size",
    help: "Redraws a region that is already as large as guide_size instead of skipping it.",
  },
  sampler_name: {
    group: "sampling",
    help: "The method that walks from noise to picture.",
  },
  scheduler: {
    group: "sampling",
    help: "How the noise levels are spread over the steps.",
  },
  scheduler_func_opt: {
    group: "sampling",
    help: "A function that makes the noise levels in place of the scheduler.",
  },
  noise_mode: {
    group: "sampling",
    help: "How samplers that add noise draw it: as the reference does now, with the same seed as through 2025, or as in mid 2024.",
  },
  stop_at_clip_layer: {
    group: "sampling",
    help: "The text encoder's layer that prompts are read from: -1 is the last, -2 (“clip skip 2”) suits many models for drawings.",
  },
  noise_mask: {
    group: "seam",
    help: "Redraws only what is painted; off, the surroundings are redrawn too and then cut away.",
  },
  noise_mask_feather: {
    group: "seam",
    help: "How softly the redrawn area ends while it is sampled, in pixels; 0 is a hard edge.",
  },
  feather: {
    group: "seam",
    help: "How softly the result is blended into the picture, in pixels.",
  },
  inpaint_model: {
    group: "seam",
    help: "For a checkpoint trained to fill in what a mask covers.",
  },
  crop_factor: {
    group: "mask",
    help: "How much of the surroundings is seen along with the painted area; 1 sees none.",
  },
  drop_size: {
    group: "mask",
    help: "Painted spots no larger than this on both sides, in pixels, are left out.",
  },
  contour_fill: {
    group: "mask",
    help: "Fills holes in the painted area and hardens its soft edges.",
  },
  bbox_fill: {
    group: "mask",
    help: "Redraws the whole rectangle around a painted spot.",
  },
  cycle: {
    group: "passes",
    help: "How many times each region is redrawn, each time from the last result.",
  },
  batch_size: {
    group: "passes",
    help: "How many results are made, each with the next seed.",
  },
  refiner_ratio: {
    group: "passes",
    help: "Share of the steps, from the end, that a second checkpoint runs if one is loaded.",
  },
  wildcard: {
    group: "prompts",
    help: "A prompt with choices such as {red|blue} hair or __colour__; after [SEP] comes the next segment's.",
  },
  detailer_hook: {
    group: "hooks",
    help: "Small changes on the way, run from top to bottom.",
  },
  hooks_see_all: {
    group: "hooks",
    help: "For clips: hooks see every stage, as they do for single pictures, and not the pasted frames alone.",
  },
};

/** A hook, or a function for `scheduler_func_opt`, and its settings. */
/** What a motion module listens to, what its windows do, and each motion LoRA. */
export const MOTION_HELP: Readonly<
  Record<"settings" | "context" | "lora", Readonly<Record<string, string>>>
> = {
  settings: {
    scale:
      "How strongly frames look at each other; more makes more motion, and several numbers, as in “1 2 1”, are spread over the clip.",
    effect:
      "How much of the motion module counts; 0 redraws every frame on its own, and several numbers are spread over the clip.",
    beta_schedule:
      "The noise levels the model is sampled over; autoselect takes what the motion module was trained with.",
    noise_type:
      "Where each frame's noise comes from: one draw over all frames, a seed for each, the first frame's for all (constant, the calmest), or one window's again, in order or shuffled (FreeNoise).",
  },
  context: {
    schedule:
      "How windows follow one another: the same in every step, moving from step to step, around the loop, or in blocks.",
    length: "How many frames the motion module sees at once.",
    overlap: "How many frames neighbouring windows share.",
    stride:
      "Uniform schedules: how many sizes of steps between the frames of a window there are, each twice the one before it.",
    closed_loop: "For looped clips: windows go on from the last frame to the first.",
    fuse_method: "How much each frame of a window counts where windows overlap.",
    use_on_equal_length: "Cuts a clip that is just as long as a window, too.",
  },
  lora: {
    strength: "How strongly the motion LoRA counts; below 0 the motion is reversed.",
  },
};

export interface DraftHelp {
  help: string;
  settings: Readonly<Record<string, string>>;
}

const SCHEDULE_FOR_CYCLE = "Whether the first cycle counts or is left alone.";

export const DRAFT_HELP: Readonly<Record<string, DraftHelp>> = {
  noise_injection: {
    help: "Adds fresh noise between cycles, which brings out detail.",
    settings: {
      schedule_for_cycle: SCHEDULE_FOR_CYCLE,
      seed: "Chooses the noise that is added.",
      start_strength: "How strong the noise is in the first cycle.",
      end_strength: "How strong the noise is in the last cycle.",
    },
  },
  variation_noise: {
    help: "Mixes a second noise into the first, for small variations of one picture.",
    settings: {
      seed: "Chooses the second noise.",
      strength: "Its share, from 0 for none to 1 for all.",
    },
  },
  unsampler: {
    help: "Walks back to the noise a picture could have come from, between cycles.",
    settings: {
      steps: "Steps of the walk back.",
      start_end_at_step: "Where the walk ends in the first cycle.",
      end_end_at_step: "Where the walk ends in the last cycle.",
      cfg: "How strictly its prompt is followed.",
      sampler_name: "The method that walks.",
      scheduler: "How its noise levels are spread.",
      normalize: "Whether the noise is brought to the usual strength.",
      positive: "Its own prompt; empty takes the one above.",
      negative: "Its own negative prompt; empty takes the one above.",
      schedule_for_cycle: SCHEDULE_FOR_CYCLE,
    },
  },
  denoise_schedule: {
    help: "Moves denoise from cycle to cycle.",
    settings: { target_denoise: "denoise in the last cycle." },
  },
  cfg_schedule: {
    help: "Moves cfg from cycle to cycle.",
    settings: { target_cfg: "cfg in the last cycle." },
  },
  steps_schedule: {
    help: "Moves steps from cycle to cycle.",
    settings: { target_steps: "steps in the last cycle." },
  },
  custom_sampler: {
    help: "Samples with another method than the node's.",
    settings: { sampler_name: "The method." },
  },
  coreml: {
    help: "Works at one of the fixed sizes that models compiled for Core ML take.",
    settings: { mode: "Width and height of every enlarged region." },
  },
  black_patch_retry: {
    help: "Tries again with the next seed when a region comes out black.",
    settings: {
      mean_thresh: "Average brightness, of 255, up to which a region counts as black.",
      var_thresh: "Variance of brightness, of 255, up to which it does.",
      max_retries: "How many more times it is tried.",
    },
  },
  ordered_filter: {
    help: "Takes some of the painted spots, by their order; for nodes that take segments.",
    settings: {
      target: "What they are ordered by.",
      order: "Whether the largest comes first.",
      take_start: "How many are passed over at the beginning.",
      take_count: "How many are taken.",
    },
  },
  range_filter: {
    help: "Takes the painted spots that measure within a range; for nodes that take segments.",
    settings: {
      target: "What is measured.",
      mode: "Whether those inside the range are taken, or those outside.",
      min_value: "The range's least value.",
      max_value: "The range's largest value.",
    },
  },
  label_filter: {
    help: "Takes the segments with certain labels; for nodes that take segments.",
    settings: { labels: "The labels, divided by commas; all takes every one." },
  },
  preview: { help: "Shows every pasted segment while the run goes on.", settings: {} },
  GITS: {
    help: "Noise levels found by measuring how pictures bend on their way.",
    settings: {
      coeff: "Lower ones spend more steps on little noise.",
      denoise: "Share of the levels to keep, from the end.",
    },
  },
};
