/** The next state. Pure and total: an action that means nothing in a phase changes nothing. */

import type { Action } from "./actions";
import { changedClip } from "./clip";
import { reduceModels, type ModelsAction } from "./models";
import { nodeOf } from "./rows";
import { progressFrom, startProgress } from "./progress";
import type { Failure, Settings } from "../engine/protocol";
import { framesIn, pictureOf, type Notice, type Result, type State } from "./state";

export function reduce(state: State, action: Action): State {
  switch (action.type) {
    case "engine-starting":
      return {
        ...state,
        engine: { is: "starting" },
        backend: action.backend,
        advice: action.advice,
      };
    case "engine-started": {
      const { device, tables, name } = action;
      return {
        ...state,
        tables,
        refiner: { is: "none" },
        additions: [],
        controls: [],
        motion: { ...state.motion, modules: [], chosen: null, loras: [] },
        engine: { is: "loading", device, name, done: 0, total: 0 },
      };
    }
    case "model-loading":
      if (!("device" in state.engine) || !state.engine.device) return state;
      return {
        ...state,
        engine: {
          is: "loading",
          device: state.engine.device,
          name: action.name,
          done: action.done,
          total: action.total,
        },
      };
    case "model-loaded":
      return { ...withModel(state, action.name, action.recommended), examples: action.examples };
    case "model-refused":
      if (!("device" in state.engine) || !state.engine.device) return state;
      return {
        ...state,
        engine: { is: "ready", device: state.engine.device, model: action.model },
        notice: { tone: "error", text: action.failure.message },
      };
    case "engine-broken": {
      const device = "device" in state.engine ? state.engine.device : null;
      const { failure } = action;
      return {
        ...state,
        engine: { is: "broken", device, failure },
        notice: failureNotice(failure, true),
      };
    }
    case "picture-opened":
      return {
        ...state,
        work: { phase: "ready", picture: action.picture },
        opened: state.opened + 1,
        clip: action.clip,
        frame: 0,
        segs: null,
        // What is said about the engine is still true of the next picture.
        notice: state.notice?.tone === "info" ? state.notice : null,
      };
    case "frame-shown":
      return withFrame(state, action);
    case "clip-changed":
      return state.clip ? { ...state, clip: changedClip(state.clip, action.change) } : state;
    case "chore-changed":
      return { ...state, chore: action.chore };
    case "mask-changed":
      return {
        ...state,
        mask: { ...action.mask, revision: state.mask.revision + 1 },
        notice: settled(state, "mask"),
      };
    case "node-chosen":
      return { ...state, node: action.node, notice: settled(state, "settings") };
    case "prompt-typed":
      return { ...state, prompt: action.prompt };
    case "negative-typed":
      return { ...state, negative: action.negative };
    case "setting-typed": {
      const values = { ...state.values, [action.name]: action.value };
      return { ...state, values, notice: settled(state, "settings") };
    }
    case "settings-reset":
      return {
        ...state,
        values: {},
        followsModel: action.to === "model",
        notice: settled(state, "settings"),
      };
    case "settings-taken":
      return { ...state, ...action.taken, notice: settled(state, "settings") };
    case "presets-changed":
      return { ...state, presets: action.presets };
    case "wildcards-changed":
      return { ...state, wildcards: action.wildcards };
    case "segs-opened":
      return { ...state, segs: action.segs, notice: settled(state, "mask") };
    case "additions-changed":
      return {
        ...state,
        additions: action.additions,
        inUse: action.additions.flatMap(({ stored }) => stored ?? []),
      };
    case "controls-changed":
      return { ...state, controls: action.controls, notice: settled(state, "settings") };
    case "motion-changed":
      return { ...state, motion: action.motion, notice: settled(state, "settings") };
    case "refiner-changed":
      return { ...state, refiner: action.refiner };
    case "stored-model-chosen":
      return { ...state, storedModel: action.id };
    case "keeping-chosen":
      return { ...state, keepsModels: action.keeps };
    case "precision-chosen":
      return { ...state, precision: action.precision };
    case "models-listed":
    case "models-opened":
    case "models-said":
    case "transfer-progressed":
    case "transfer-ended":
      return {
        ...state,
        models: reduceModels(state.models, action),
        notice: saidNotice(state, action),
      };
    default:
      return { ...state, ...run(state, action) };
  }
}

/** The part of {@link reduce} that is about a run. */
function run(state: State, action: Action): Partial<State> {
  const { work, notice } = state;
  switch (action.type) {
    case "run-started": {
      const picture = pictureOf(state);
      if (!picture || work.phase === "running") return {};
      const progress = startProgress(action.recipe.settings, action.nowMs, action.counts);
      return { work: { phase: "running", picture, progress, recipe: action.recipe }, notice: null };
    }
    case "run-event":
      if (work.phase !== "running") return {};
      return {
        work: { ...work, progress: progressFrom(work.progress, action.event, action.nowMs) },
        ...(action.event.type === "note" && {
          notice: { tone: "info", text: sentence(action.event.note) },
        }),
      };
    case "run-cancelling":
      if (work.phase !== "running") return {};
      return { work: { ...work, progress: { ...work.progress, cancelling: true } } };
    case "run-cancelled":
      if (work.phase !== "running") return {};
      return {
        work: { phase: "ready", picture: work.picture },
        notice: {
          tone: "info",
          text: "Cancelled. Your mask and settings are as they were.",
          about: "mask",
        },
      };
    case "run-failed":
      if (work.phase !== "running") return {};
      return {
        work: { phase: "failed", picture: work.picture, failure: action.failure },
        notice: failureNotice(action.failure),
      };
    case "run-done": {
      if (work.phase !== "running") return {};
      const { segments, timings, max_change_outside_mask, heap_bytes } = action.result;
      const report = { segments, timings, max_change_outside_mask, heap_bytes };
      const seconds = (action.nowMs - work.progress.startedMs) / 1000;
      const { refined, enhanced_alpha, cropped, segs } = action.result;
      const result: Result = {
        images: action.images,
        pastes: nodeOf(state.tables, work.recipe.node)?.pastes ?? true,
        crops: { refined, enhanced_alpha, cropped },
        segs: action.segs ?? [{ text: segs, x: 0, y: 0 }],
        report,
        seconds,
        recipe: work.recipe,
      };
      return {
        work: { phase: "done", picture: work.picture, result, after: action.after ?? null },
        frame: state.clip ? state.frame : 0,
        // What was noted on the way stays.
        notice: skippedNotice(report) ?? (notice?.tone === "info" ? notice : null),
      };
    }
    case "result-left":
      if (work.phase !== "done") return {};
      return {
        work: { phase: "ready", picture: work.picture },
        frame: state.clip ? state.frame : 0,
      };
    case "noticed":
      return { notice: action.notice };
    case "notice-closed":
      return { notice: null };
    default:
      return {};
  }
}

/** What is said about models shows in their dialog or, while that is closed, over the picture. */
function saidNotice({ models, notice }: State, action: ModelsAction): Notice | null {
  if (action.type !== "models-said" || models.isOpen || !action.said) return notice;
  return { tone: action.said.tone, text: action.said.text };
}

/** The notice, unless it was about what has just changed. */
function settled({ notice }: State, about: Notice["about"]): Notice | null {
  return notice?.about === about ? null : notice;
}

/** What the user typed stays; everything else takes the model's recommendation or the default. */
function withModel(state: State, model: string, recommended: Partial<Settings>): State {
  if (!("device" in state.engine) || !state.engine.device) return state;
  return { ...state, engine: { is: "ready", device: state.engine.device, model }, recommended };
}

/** Another frame on screen. The results of a single picture all belong to that picture. */
function withFrame(state: State, { frame, look }: Extract<Action, { type: "frame-shown" }>): State {
  const { work, clip } = state;
  if (work.phase === "empty" || frame < 0 || frame >= framesIn(state)) return state;
  if (!look) return clip ? state : { ...state, frame };
  const { picture, after } = look;
  const shown = work.phase === "done" ? { ...work, picture, after } : { ...work, picture };
  return { ...state, frame, work: shown };
}

function failureNotice({ message }: Failure, restart = false): Notice {
  const notice: Notice = { tone: "error", text: message };
  return restart ? { ...notice, action: { label: "Restart the engine", run: "restart" } } : notice;
}

/** Says which segments were left alone, so that an unchanged picture is no riddle. */
function skippedNotice({ segments }: { segments: { skipped: string | null }[] }): Notice | null {
  const skipped = segments.filter((segment) => segment.skipped !== null);
  if (segments.length === 0) {
    return {
      tone: "info",
      text: "Nothing was detailed: no painted spot is larger than drop_size. Paint a larger area or lower drop_size.",
    };
  }
  if (skipped.length === 0) return null;
  const count = `${skipped.length} of ${segments.length}`;
  return {
    tone: "info",
    text: `${count} segments were left as they were: ${skipped[0]?.skipped ?? ""}`,
  };
}

/** What the core notes, as the page says it. */
function sentence(note: string): string {
  return `${note.charAt(0).toUpperCase()}${note.slice(1)}.`;
}
