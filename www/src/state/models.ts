/** The stored models and what is on its way to them. Pure. */

import type { StoredModel, Storage, TransferState } from "../engine/store/types";

/** A download or copy that is going on, in this tab or another. */
export interface Transfer {
  state: TransferState;
  done: number;
  /** Null while the server has not said it. */
  total: number | null;
  /** Bytes a second over the last seconds; null until there are enough to tell. */
  speed: number | null;
  /** `performance.now()` of the last news. */
  atMs: number;
}

export interface Said {
  tone: "info" | "error";
  text: string;
}

export interface ModelsState {
  isOpen: boolean;
  stored: readonly StoredModel[];
  /** Null where the browser keeps no files for the page. */
  storage: Storage | null;
  transfers: Readonly<Record<string, Transfer>>;
  said: Said | null;
}

export const NO_MODELS: ModelsState = {
  isOpen: false,
  stored: [],
  storage: null,
  transfers: {},
  said: null,
};

export type ModelsAction =
  | { type: "models-listed"; stored: readonly StoredModel[]; storage: Storage | null }
  | { type: "models-opened"; isOpen: boolean }
  | { type: "models-said"; said: Said | null }
  | {
      type: "transfer-progressed";
      id: string;
      state: TransferState;
      done: number;
      total: number | null;
      nowMs: number;
    }
  | { type: "transfer-ended"; id: string };

/** Weight of the newest speed in the one that is shown. */
const NEWEST = 0.2;

export function reduceModels(models: ModelsState, action: ModelsAction): ModelsState {
  switch (action.type) {
    case "models-listed":
      return { ...models, stored: action.stored, storage: action.storage };
    case "models-opened":
      return { ...models, isOpen: action.isOpen, said: null };
    case "models-said":
      return { ...models, said: action.said };
    case "transfer-progressed": {
      const { id, state, done, total, nowMs: atMs } = action;
      const before = models.transfers[id];
      // A tab that waits for another has no news of its own.
      if (state === "waiting" && before) return models;
      const speed = speedFrom(before, action);
      const transfer = { state, done, total, speed, atMs };
      return { ...models, transfers: { ...models.transfers, [id]: transfer } };
    }
    case "transfer-ended": {
      const transfers = Object.entries(models.transfers).filter(([id]) => id !== action.id);
      return { ...models, transfers: Object.fromEntries(transfers) };
    }
  }
}

function speedFrom(
  before: Transfer | undefined,
  { state, done, nowMs }: { state: TransferState; done: number; nowMs: number },
): number | null {
  if (before?.state !== state || done < before.done || nowMs <= before.atMs) return null;
  const newest = ((done - before.done) * 1000) / (nowMs - before.atMs);
  return before.speed === null ? newest : before.speed * (1 - NEWEST) + newest * NEWEST;
}
