/** Detail and Cancel, and how far the run is. */

import "./panel.css";
import type { App } from "../../app";
import { cancelChore } from "../../commands/chore";
import { cancel, detail } from "../../commands/detail";
import { h, setText } from "../../lib/dom";
import { choreLine, idleLine, percent, resultLine, stageLine, stepLine } from "./logic";

/** Mounts the run bar in `root`; returns its removal. */
export function mountRun(root: HTMLElement, app: App): () => void {
  const line = h("p", { class: "run-line", role: "status" });
  const steps = h("p", { class: "run-steps soft" });
  const bar = h("progress", { max: 100, "aria-label": "Progress of the run" });
  const start = h("button", { type: "button", class: "button primary large" }, "Detail");
  start.title = "Detail (Ctrl+Enter)";
  const stop = h("button", { type: "button", class: "button large" }, "Cancel");
  stop.title = "Cancel (Escape)";
  root.append(h("div", { class: "run-lines" }, line, steps), bar, start, stop);
  start.addEventListener("click", () => void detail(app));
  stop.addEventListener("click", () => (app.stopChore ? cancelChore(app) : cancel(app)));

  function show(): void {
    const state = app.store.get();
    const { work } = state;
    const progress = work.phase === "running" ? work.progress : null;
    const hadFocus = document.activeElement === start || document.activeElement === stop;
    const chore = progress ? null : state.chore;
    const isBusy = progress !== null || chore !== null;
    start.hidden = isBusy;
    stop.hidden = !isBusy;
    stop.disabled = (progress ?? chore)?.cancelling === true;
    if (hadFocus) (isBusy ? stop : start).focus();
    setText(start, work.phase === "done" ? "Detail again" : "Detail");
    bar.hidden = !isBusy && state.engine.is !== "loading";
    if (progress) {
      setText(line, stageLine(progress));
      setText(steps, stepLine(progress, performance.now()));
      bar.value = percent(progress);
      return;
    }
    setText(steps, "");
    if (chore) {
      setText(line, choreLine(chore));
      if (chore.total > 0) bar.value = (100 * chore.done) / chore.total;
      else bar.removeAttribute("value");
      return;
    }
    setText(line, work.phase === "done" ? resultLine(work.result) : idleLine(state, work.phase));
    if (state.engine.is !== "loading") return;
    const { done, total } = state.engine;
    if (total > 0) bar.value = (100 * done) / total;
    else bar.removeAttribute("value");
  }
  const unfollow = app.store.subscribe(show);
  // Time left runs on between steps.
  const ticking = setInterval(() => {
    if (app.store.get().work.phase === "running") show();
  }, 1000);
  show();
  return () => {
    clearInterval(ticking);
    unfollow();
    root.replaceChildren();
  };
}
