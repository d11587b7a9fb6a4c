/**
 * Hooks of the caller's own: objects with methods under the reference's names. They live on the
 * page; the worker asks for their answers by message.
 */

import { failureFrom } from "./engine";
import type { Failure, Region } from "./protocol";

/** What the VAE made of a crop. */
export interface Latent {
  samples: Float32Array<ArrayBuffer>;
  /** Batch, channels, and rows and columns of cells of 8x8 pixels. */
  shape: readonly [number, number, number, number];
}

/** Pixels as the core computes with them: values from 0 to 1, channel by channel. */
export interface FrameValues {
  data: Float32Array<ArrayBuffer>;
  frames: number;
  height: number;
  width: number;
  channels: number;
}

/** How a cycle is sampled; ranges as those of the nodes. */
export interface CycleSettings {
  /** Decimal. */
  seed: string;
  steps: number;
  cfg: number;
  sampler_name: string;
  scheduler: string;
  denoise: number;
}

/** Which run over a latent it is, of how many. */
export interface Cycle {
  index: number;
  count: number;
}

/** An answer, or a promise of one; nothing leaves things as they are. */
type Answer<T> = T | undefined | Promise<T | undefined>;
/** An answer of as many numbers as were shown. */
type Numbers = Float32Array<ArrayBuffer>;

/**
 * Looks in on a run and changes it. Every method may be left out; they are called in this order,
 * those from `cycle_latent` to `get_custom_noise` once per cycle. A method that throws ends the
 * run with the code "hook".
 */
export interface DetailerHook {
  /** The region cut out around `bbox`, when a painted mask becomes segments. */
  post_crop_region?(width: number, height: number, bbox: Region, region: Region): Answer<Region>;
  /** The segments that were found, as a JSON document of the schema "burnish.segs". */
  post_detection?(segs: string): Answer<string>;
  /** The size in pixels a crop is sampled at. */
  touch_scaled_size?(width: number, height: number): Answer<readonly [number, number]>;
  /** The encoded crop. */
  post_encode?(latent: Latent): Answer<Latent | Numbers>;
  /** The name of a sampler to use as an object in place of `sampler_name`. */
  get_custom_sampler?(): Answer<string>;
  /** What a cycle starts from. */
  cycle_latent?(latent: Latent, cycle: Cycle): Answer<Latent | Numbers>;
  /** How a cycle is sampled; what the answer leaves out stays. */
  pre_ksample?(settings: CycleSettings, cycle: Cycle): Answer<Partial<CycleSettings>>;
  /** Noise in place of the seed's; `previous` is what a hook before this one made. */
  get_custom_noise?(
    seed: string,
    shape: Latent["shape"],
    previous: Latent | null,
  ): Answer<Latent | Numbers | null>;
  /** The latent about to be decoded. */
  pre_decode?(latent: Latent): Answer<Latent | Numbers>;
  /** The decoded crop, before it is brought back to its size. */
  post_decode?(frames: FrameValues): Answer<FrameValues | Numbers>;
  /** Whether the crop is to be made again with the next seed; `attempt` counts from 0. */
  should_retry_patch?(patch: FrameValues, attempt: number): Answer<boolean>;
  /** The whole picture after a segment went back into it. */
  post_paste?(frames: FrameValues): Answer<FrameValues | Numbers>;
}

export type HookMethod = keyof DetailerHook;

/** Every method there is. */
const METHODS: readonly HookMethod[] = [
  "post_crop_region",
  "post_detection",
  "touch_scaled_size",
  "post_encode",
  "get_custom_sampler",
  "cycle_latent",
  "pre_ksample",
  "get_custom_noise",
  "pre_decode",
  "post_decode",
  "should_retry_patch",
  "post_paste",
];

/** The worker's question to a hook of the running call. */
export interface HookQuestion {
  turn: number;
  hook: number;
  method: HookMethod;
  shown: readonly unknown[];
}

/** The page's answer to the question of the same turn. */
export type HookAnswer = { turn: number; gives: unknown } | { turn: number; failure: Failure };

/** The methods `hook` has. */
export function methodsOf(hook: DetailerHook): HookMethod[] {
  return METHODS.filter((name) => typeof hook[name] === "function");
}

/** Asks the hook in question; what it throws becomes a failure. */
export async function answerOf(
  hooks: readonly DetailerHook[],
  { turn, hook, method, shown }: HookQuestion,
): Promise<HookAnswer> {
  try {
    // The arguments are those of this method, as the core shows them.
    const asked = hooks[hook] as Record<HookMethod, (...shown: unknown[]) => unknown>;
    return { turn, gives: await asked[method](...shown) };
  } catch (error) {
    return { turn, failure: failureFrom(error) };
  }
}

/** Stand-ins in the worker for hooks of which only the methods are known. */
export function createHookStubs() {
  const waiting = new Map<number, (answer: HookAnswer) => void>();
  let turn = 0;

  function stub(
    methods: readonly HookMethod[],
    hook: number,
    ask: (question: HookQuestion) => void,
  ): object {
    const call = (method: HookMethod) => [
      method,
      (...shown: unknown[]) =>
        new Promise((resolve, reject) => {
          waiting.set(++turn, (answer) => {
            if ("failure" in answer) reject(new Error(answer.failure.message));
            else resolve(answer.gives);
          });
          ask({ turn, hook, method, shown });
        }),
    ];
    return Object.fromEntries(methods.map(call)) as object;
  }

  return {
    /** One for each list of methods; what they are asked goes on to `ask`. */
    stubs: (hooks: readonly (readonly HookMethod[])[], ask: (question: HookQuestion) => void) =>
      hooks.map((methods, hook) => stub(methods, hook, ask)),
    answered(answer: HookAnswer): void {
      waiting.get(answer.turn)?.(answer);
      waiting.delete(answer.turn);
    },
  };
}
