/** What the user has to know, as a sentence over the picture, with what can be done about it. */

import "./panel.css";
import type { App } from "../../app";
import { useFewSteps } from "../../commands/few-steps";
import { openModels } from "../../commands/models";
import { openSmaller } from "../../commands/picture";
import { takeOffered, undoSettings } from "../../commands/share";
import { restartEngine } from "../../commands/start";
import { h } from "../../lib/dom";
import { icon } from "../../lib/icons";
import type { Notice, NoticeAction } from "../../state/state";

const RUN: Record<NoticeAction, (app: App) => unknown> = {
  restart: restartEngine,
  "open-smaller": openSmaller,
  "use-settings": takeOffered,
  "undo-settings": undoSettings,
  "use-few-steps": useFewSteps,
  "show-models": openModels,
};

/** Mounts the notice in `root`; returns its removal. */
export function mountNotice(root: HTMLElement, app: App): () => void {
  // Both regions are there from the start: screen readers only announce changes inside one.
  const alert = h("div", { role: "alert" });
  const status = h("div", { role: "status" });
  const place = h("div", { class: "notices" }, alert, status);
  root.append(place);

  function show(notice: Notice | null): void {
    alert.replaceChildren();
    status.replaceChildren();
    if (!notice) return;
    (notice.tone === "error" ? alert : status).append(card(app, notice));
  }
  const unfollow = app.store.subscribe((state, before) => {
    if (state.notice !== before.notice) show(state.notice);
  });
  show(app.store.get().notice);
  return () => {
    unfollow();
    place.remove();
  };
}

function card(app: App, { tone, text, action }: Notice): HTMLElement {
  const close = h(
    "button",
    { type: "button", class: "button bare square close", "aria-label": "Close this message" },
    icon("close"),
  );
  close.addEventListener("click", () => app.store.dispatch({ type: "notice-closed" }));
  const act = action && h("button", { type: "button", class: "link" }, action.label);
  if (action)
    act?.addEventListener("click", () => {
      app.store.dispatch({ type: "notice-closed" });
      void RUN[action.run](app);
    });
  const body = h("p", {}, text);
  if (act) body.append(" ", act);
  return h("div", { class: `notice ${tone}` }, body, close);
}
