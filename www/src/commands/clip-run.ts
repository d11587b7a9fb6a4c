/** Redrawing a clip: request by request, each result kept as it comes. */

import type { App } from "../app";
import type { Span } from "../clip/film";
import type { Painted } from "../clip/protocol";
import { EngineError, failureFrom, isFatal } from "../engine/engine";
import type { DetailRequest, DetailResult, Region, Settings } from "../engine/protocol";
import { summaryOf } from "../lib/segs";
import {
  around,
  groupsOf,
  merged,
  mergedSegs,
  moved,
  placer,
  sizeRefusal,
  type SegsPart,
} from "../state/jobs";
import { nodeOf } from "../state/rows";
import { isFrameByFrame, type Recipe, type State } from "../state/state";
import { chore, refuse } from "./chore";
import { imageFrom, showFrame } from "./clip";

/** Crops of a clip kept for the gallery, and SEGS documents, in bytes. */
const KEPT_BYTES = 96e6;

/** What goes to the engine at once. */
interface Job {
  frames: number[];
  /** What is cut out of each frame. */
  region: Region;
}

type Base = Omit<DetailRequest, "image" | "frames" | "mask" | "frame_masks" | "segs">;

/** Runs `base` over the clip that is open. */
export async function detailClip(app: App, base: Base, recipe: Recipe): Promise<void> {
  const { store } = app;
  const state = store.get();
  const { clip } = state;
  if (!clip) return;
  const oneByOne = nodeOf(state.tables, state.node)?.pictures !== "frames";
  const jobs = await jobsOf(app, state, base.settings, oneByOne);
  if (!jobs) return;
  await app.clips.call("settle", { keep: false }).answer;
  const counts = oneByOne ? ("frame" as const) : ("segment" as const);
  store.dispatch({
    type: "run-started",
    recipe,
    nowMs: performance.now(),
    counts: { counts, segments: jobs.length, frames: oneByOne ? 1 : jobs[0]!.frames.length },
  });
  const parts: { result: DetailResult; x: number; y: number }[] = [];
  const finish = async (): Promise<void> => {
    const look = await app.clips.call("look", { frame: store.get().frame }).answer;
    store.dispatch({
      type: "run-done",
      result: merged(parts, KEPT_BYTES),
      images: [],
      after: look.after && imageFrom(look.after),
      segs: segsOf(parts),
      nowMs: performance.now(),
    });
  };
  try {
    let first = 0;
    for (const job of jobs) {
      if (oneByOne) await showFrame(app, job.frames[0]!);
      const { steps = 1, cycle = 1 } = base.settings;
      const [x, y] = job.region;
      const place = placer({ first, total: jobs.length, counts, x, y, stepsEach: steps * cycle });
      const result = await detailJob(app, base, job, oneByOne, (event) => {
        store.dispatch({ type: "run-event", event: place(event), nowMs: performance.now() });
      });
      first += oneByOne ? 1 : Math.max(result.segments.length, 1);
      parts.push({ result: { ...result, images: [] }, x, y });
      if (result.cancelled) throw new EngineError({ code: "cancelled", message: "Cancelled." });
    }
    await finish();
  } catch (error) {
    const isCancelled = error instanceof EngineError && error.code === "cancelled";
    if (isCancelled && parts.length > 0) {
      const { work } = store.get();
      const segments = work.phase === "running" ? work.progress.segments : jobs.length;
      await finish();
      const kept = parts.flatMap(({ result }) => result.segments).length;
      const text = oneByOne
        ? `Cancelled. ${parts.length} of ${jobs.length} frames are redrawn and kept.`
        : `Cancelled. ${kept} of ${segments} segments are redrawn and kept.`;
      return store.dispatch({ type: "noticed", notice: { tone: "info", text } });
    }
    if (isCancelled) return store.dispatch({ type: "run-cancelled" });
    const failure = failureFrom(error);
    store.dispatch({ type: "run-failed", failure });
    if (isFatal(error)) store.dispatch({ type: "engine-broken", failure });
  }
}

/** Sends one job and lays what comes back over the clip. */
async function detailJob(
  app: App,
  base: Base,
  { frames, region }: Job,
  oneByOne: boolean,
  onEvent: Parameters<App["engine"]["detail"]>[1],
): Promise<DetailResult> {
  const { segs, clip } = app.store.get();
  onEvent({ type: "stage", name: "cut" });
  const { pictures } = await app.clips.call("crops", { frames, region }).answer;
  const isStill = clip?.maskClip === null && clip.keys.length <= 1 && clip.followed.length === 0;
  const asked = isStill ? frames.slice(0, 1) : frames;
  const masks = segs
    ? []
    : (await app.clips.call("maskCrops", { frames: asked, region }).answer).masks;
  // The user may have cancelled while the frames were being cut.
  const { work } = app.store.get();
  if (work.phase === "running" && work.progress.cancelling) {
    throw new EngineError({ code: "cancelled", message: "Cancelled." });
  }
  const [picture] = pictures;
  const [mask] = masks;
  const marked = segs
    ? { segs: cutSegs(segs.text, region) }
    : masks.length > 1
      ? { frame_masks: masks }
      : { ...(mask && { mask }) };
  const request = oneByOne
    ? { ...base, ...(picture && { image: picture }), ...marked }
    : { ...base, frames: pictures, ...marked, keep_finished: true };
  const give = [...pictures, ...masks].map(({ data }) => data.buffer);
  const result = await app.engine.detail(request, onEvent, [], give);
  const pastes = nodeOf(app.store.get().tables, base.node)?.pastes ?? true;
  if (!pastes) return result;
  const images = oneByOne ? result.images.slice(0, 1) : result.images;
  const only = changedPart(result, region, base.settings);
  const takes = { frames, region, only, pictures: images };
  const buffers = images.map(({ data }) => data.buffer);
  await app.clips.call("patch", takes, { give: buffers }).answer;
  return result;
}

/** The part of `region` that was redrawn: the crops of its segments, unless a hook painted beyond. */
function changedPart(result: DetailResult, region: Region, settings: Partial<Settings>): Region {
  const [first, ...rest] = result.segments.map(({ crop_region }) => crop_region);
  if (!first || (settings.detailer_hook ?? []).length > 0) return region;
  return moved(rest.reduce(around, first), region[0], region[1]);
}

/** What there is to send; null, after saying why, when there is nothing or it is too much. */
async function jobsOf(
  app: App,
  state: State,
  settings: Partial<Settings>,
  oneByOne: boolean,
): Promise<Job[] | null> {
  const { clip, frame, segs } = state;
  if (!clip) return null;
  const { film } = clip;
  const span: Span = oneByOne && !isFrameByFrame(state) ? [frame, frame + 1] : clip.span;
  const all = Array.from({ length: span[1] - span[0] }, (_, at) => span[0] + at);
  const whole: Region = [0, 0, film.width, film.height];
  let painted: Painted | null = null;
  if (!segs) {
    const read = await chore(app, "Reading the masks", (onProgress) =>
      app.clips.call("painted", { span }, { onProgress }),
    );
    if ("undone" in read) return null;
    painted = read.gives;
  }
  if (painted?.frames.length === 0) {
    const which = all.length === 1 ? `frame ${span[0] + 1}` : "any of the chosen frames";
    refuse(app, `Nothing is painted on ${which}. Paint over what should be redrawn.`);
    return null;
  }
  if (oneByOne) return (painted?.frames ?? all).map((one) => ({ frames: [one], region: whole }));
  // A hook may look beyond its crop, and segments of another size are brought to the picture's first.
  const sees = (settings.detailer_hook ?? []).length > 0;
  let regions: readonly Region[] = [whole];
  if (!sees && segs && segs.size.width === film.width && segs.size.height === film.height) {
    const [first = whole, ...rest] = segs.segments.map(({ region }) => region);
    regions = [rest.reduce(around, first)];
  } else if (!sees && painted) {
    regions = await regionsOf(app, state, settings, painted.mask);
  }
  const groups = groupsOf(regions, film);
  const refusal = groups
    .map((region) => sizeRefusal(all.length, region, settings))
    .find((text) => text !== null);
  if (refusal) {
    refuse(app, refusal);
    return null;
  }
  if (groups.length === 0) {
    refuse(
      app,
      "Nothing would be detailed: no painted spot is larger than drop_size. Paint a larger area or lower drop_size.",
    );
    return null;
  }
  return groups.map((region) => ({ frames: all, region }));
}

/** The crop regions of what is painted in any frame. */
async function regionsOf(
  { engine }: App,
  { node }: State,
  settings: Partial<Settings>,
  mask: { data: Uint8Array<ArrayBuffer>; width: number; height: number },
): Promise<Region[]> {
  const { segs } = await engine.maskToSegs({ node, mask, settings });
  return summaryOf(segs, "the mask").segments.map(({ region }) => region);
}

/** The document's segments, seen from the corner of `region`. */
function cutSegs(text: string, [x1, y1, x2, y2]: Region): string {
  if (x1 === 0 && y1 === 0) {
    const { size } = summaryOf(text, "segments");
    if (size.width === x2 && size.height === y2) return text;
  }
  return mergedSegs([{ text, x: -x1, y: -y1 }], { width: x2 - x1, height: y2 - y1 });
}

function segsOf(parts: readonly { result: DetailResult; x: number; y: number }[]): SegsPart[] {
  const bytes = parts.reduce((sum, { result }) => sum + result.segs.length, 0);
  return bytes > KEPT_BYTES ? [] : parts.map(({ result, x, y }) => ({ text: result.segs, x, y }));
}
