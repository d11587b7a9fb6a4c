/** What panels and commands share. */

import type { ClipClient } from "./clip/client";
import type { Motion } from "./clip/masks/track";
import type { Engine } from "./engine/engine";
import type { ModelStore } from "./engine/model-store";
import type { Backend } from "./engine/protocol";
import type { MaskDocument } from "./lib/mask";
import type { Action } from "./state/actions";
import type { State } from "./state/state";
import type { Store } from "./state/store";

export interface App {
  store: Store<State, Action>;
  /** The mask of the open picture. Changed in place; each change is dispatched as `mask-changed`. */
  mask: MaskDocument | null;
  /** The worker clips are opened, masked and saved in. */
  clips: ClipClient;
  /** The masks painted on key frames of the open clip; the mask of one that is on screen is `mask`. */
  keys: Map<number, MaskDocument>;
  /** Where the tracker found the paint of key frames, so that a reload need not search again. */
  motions: Map<number, Motion>;
  /** Whether another frame is on its way, so that the paint on screen is not that of the next stroke. */
  isTurning: boolean;
  /** Stops the chore that is going on. */
  stopChore: (() => void) | null;
  engine: Engine;
  createEngine(): Engine;
  models: ModelStore;
  /** What the address or the user asked for; null leaves it to the probe. */
  wantedBackend: Backend | null;
}

/** Tells the store what the mask allows now. */
export function maskChanged({ store, mask }: App): void {
  store.dispatch({
    type: "mask-changed",
    mask: {
      painted: mask?.painted ?? false,
      canUndo: mask?.canUndo ?? false,
      canRedo: mask?.canRedo ?? false,
    },
  });
}
