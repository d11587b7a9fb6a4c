/** The clip's frames on a line: playing, stepping, the masks over time, the span, and saving. */

import "./panel.css";
import type { App } from "../../app";
import { setRate, setSpan, showFrame } from "../../commands/clip";
import {
  closeMaskClip,
  copyForward,
  openMaskClip,
  toggleKey,
  track,
} from "../../commands/clip-masks";
import { pause, stepFrame, togglePlaying } from "../../commands/player";
import { fpsOf } from "../../clip/film";
import { h, setText, stopAll } from "../../lib/dom";
import { iconButton } from "../../lib/icon-button";
import { icon, type IconName } from "../../lib/icons";
import type { ClipState } from "../../state/clip";
import { nodeOf } from "../../state/rows";
import type { DeskStore } from "../canvas/desk";
import { frameLine, placeOf, stretchOf, timeLine, typedSpan } from "./logic";
import { createSaving } from "./save";

/** Mounts the timeline in `root`; returns its removal. */
export function mountTimeline(root: HTMLElement, app: App, desk: DeskStore): () => void {
  const back = iconButton("previous", "Frame back (,)", () => void stepFrame(app, desk, -1));
  const play = iconButton("play", "Play (K)", () => void togglePlaying(app, desk));
  const on = iconButton("next", "Frame on (.)", () => void stepFrame(app, desk, 1));
  const loop = iconButton("loop", "Loop", () => change((clip) => ({ loop: !clip.loop })));
  const scrub = h("input", {
    type: "range",
    class: "scrub",
    min: 0,
    step: 1,
    "aria-label": "Frame",
  });
  const marks = h("div", { class: "marks", "aria-hidden": true });
  const time = h("span", { class: "soft" });
  const line = h("span");
  const rate = numberField("Frames a second");
  const rateLabel = h("label", { class: "bare-group" }, rate, "fps");
  const place = h("output", { class: "place" }, line, time);

  const [from, to] = [numberField("First frame to redraw"), numberField("Last frame to redraw")];
  const scope = h(
    "select",
    { class: "input compact", "aria-label": "What a run redraws" },
    h("option", { value: "span" }, "Frames"),
    h("option", { value: "frame" }, "This frame"),
  );
  const spanLabel = h("span", {}, "Frames");
  const key = iconButton("key", "Key frame: the mask is painted here", () => void toggleKey(app));
  const copy = iconButton(
    "forward",
    "Copy the mask to the next frame",
    () => void copyForward(app),
  );
  const trackBack = iconButton(
    "followback",
    "Follow the paint backwards",
    () => void track(app, -1),
  );
  const trackOn = iconButton("follow", "Follow the paint forwards", () => void track(app, 1));
  const onion = iconButton("onion", "Show the masks of the key frames beside", () =>
    change((clip) => ({ onion: !clip.onion })),
  );
  const file = h("input", {
    type: "file",
    accept: "image/*,video/*,.zip",
    multiple: true,
    hidden: true,
  });
  const maskClip = iconButton("film", "Masks from a clip…", () => {
    if (app.store.get().clip?.maskClip == null) file.click();
    else void closeMaskClip(app);
  });
  const saving = createSaving(app);
  const section = h(
    "section",
    { class: "timeline", "aria-label": "Clip", hidden: true },
    h(
      "div",
      { class: "timeline-row" },
      h(
        "div",
        { class: "bare-group", role: "group", "aria-label": "Playback" },
        back,
        play,
        on,
        loop,
      ),
      h("div", { class: "track" }, marks, scrub),
      rateLabel,
      place,
    ),
    h(
      "div",
      { class: "timeline-row tools" },
      h(
        "div",
        { class: "bare-group", role: "group", "aria-label": "Redraw" },
        scope,
        spanLabel,
        from,
        h("span", {}, "to"),
        to,
      ),
      h(
        "div",
        { class: "bare-group", role: "group", "aria-label": "Masks over time" },
        ...[key, copy, trackBack, trackOn, onion, maskClip, file],
      ),
      saving.root,
    ),
  );
  root.append(section);

  function change(by: (clip: ClipState) => Partial<ClipState>): void {
    const { clip } = app.store.get();
    if (clip) app.store.dispatch({ type: "clip-changed", change: by(clip) });
  }

  scrub.addEventListener("input", () => {
    void pause(app, desk);
    void showFrame(app, Number(scrub.value));
  });
  for (const [field, end] of [
    [from, "from"],
    [to, "to"],
  ] as const) {
    field.addEventListener("change", () => {
      const { clip } = app.store.get();
      const span = clip && typedSpan(clip.span, end, field.value);
      if (span) setSpan(app, span);
      show();
    });
  }
  rate.addEventListener("change", () => void setRate(app, Number(rate.value)).then(show));
  scope.addEventListener("change", () => {
    change(() => ({ scope: scope.value === "frame" ? "frame" : "span" }));
  });
  file.addEventListener("change", () => {
    const chosen = [...(file.files ?? [])];
    file.value = "";
    void openMaskClip(app, chosen);
  });
  function drawMarks({ film, keys, followed, span }: ClipState): void {
    const count = film.times.length;
    const stretch = (name: string, of: ClipState["span"]): HTMLElement => {
      const { left, width } = stretchOf(of, count);
      return h("span", { class: name, style: `left: ${left}%; width: ${width}%` });
    };
    marks.replaceChildren(
      stretch("span", span),
      ...followed.map((tracked) => stretch("followed", tracked.span)),
      ...keys.map(({ frame, painted }) =>
        h("span", {
          class: painted ? "key" : "key blank",
          style: `left: ${placeOf(frame, count)}%`,
        }),
      ),
    );
  }

  let marked: ClipState | null = null;

  function show(): void {
    const state = app.store.get();
    const { clip, work, chore, mask, opened: count } = state;
    section.hidden = clip === null;
    root.classList.toggle("with-timeline", clip !== null);
    if (!clip) return;
    const isRunning = work.phase === "running";
    const isBusy = isRunning || chore !== null;
    saving.show(clip, count, isBusy);
    if (clip !== marked) {
      marked = clip;
      drawMarks(clip);
    }
    const { live, playing } = desk.get();
    const frame = live?.frame ?? state.frame;
    scrub.max = String(clip.film.times.length - 1);
    scrub.value = String(frame);
    scrub.setAttribute("aria-valuetext", frameLine(clip, frame));
    setText(time, timeLine(clip.film, frame));
    setText(line, frameLine(clip, frame));
    setIcon(play, playing ? "pause" : "play", playing ? "Pause (K)" : "Play (K)");
    loop.setAttribute("aria-pressed", String(clip.loop));
    onion.setAttribute("aria-pressed", String(clip.onion));
    key.setAttribute("aria-pressed", String(clip.keys.some((one) => one.frame === frame)));
    maskClip.setAttribute("aria-pressed", String(clip.maskClip !== null));
    maskClip.title = clip.maskClip ? `Leave the masks of “${clip.maskClip}”` : "Masks from a clip…";

    for (const control of [back, play, on, scrub]) control.disabled = isRunning;
    for (const control of [from, to, scope]) control.disabled = isBusy;
    const isPainting = !isBusy && !playing && work.phase !== "done";
    for (const control of [key, copy, onion, maskClip]) control.disabled = !isPainting;
    for (const control of [trackBack, trackOn]) control.disabled = !isPainting || !mask.painted;

    const isForStills = nodeOf(state.tables, state.node)?.pictures === "one";
    scope.hidden = !isForStills;
    spanLabel.hidden = isForStills;
    scope.value = clip.scope;
    const hasSpan = !isForStills || clip.scope === "span";
    for (const element of [from, to, from.nextElementSibling]) {
      element?.toggleAttribute("hidden", !hasSpan);
    }
    rateLabel.hidden = clip.film.kind !== "pictures";
    rate.disabled = isBusy || playing;
    if (document.activeElement !== rate) rate.value = String(Math.round(fpsOf(clip.film)));
    for (const field of [from, to]) field.max = String(clip.film.times.length);
    if (document.activeElement !== from) from.value = String(clip.span[0] + 1);
    if (document.activeElement !== to) to.value = String(clip.span[1]);
  }
  const stops = [app.store.subscribe(show), desk.subscribe(show)];
  show();
  return stopAll([...stops, () => section.remove()]);
}

function numberField(label: string): HTMLInputElement {
  return h("input", {
    type: "number",
    class: "input compact number",
    min: 1,
    "aria-label": label,
    title: label,
  });
}

function setIcon(element: HTMLButtonElement, name: IconName, label: string): void {
  if (element.title === label) return;
  element.title = label;
  element.setAttribute("aria-label", label);
  element.replaceChildren(icon(name));
}
