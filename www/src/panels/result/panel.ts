/** Before and after: the slider over the picture, and what to do with the result. */

import "./panel.css";
import type { App } from "../../app";
import { backToPainting, continueFromResult, resultFile, resultName } from "../../commands/detail";
import { h } from "../../lib/dom";
import { icon } from "../../lib/icons";
import type { DeskStore } from "../canvas/desk";
import { compareAt, handleAt } from "./logic";

/** Mounts slider and buttons in `root`; returns their removal. */
export function mountResult(root: HTMLElement, app: App, desk: DeskStore): () => void {
  const back = action("back", "Back", " to painting", () => backToPainting(app));
  const go = action("brush", "Continue", " from the result", () => void continueFromResult(app));
  const save = action("download", "Download", " PNG", () => void download(app));
  save.classList.add("primary");
  const bar = h(
    "div",
    { class: "result-bar", role: "group", "aria-label": "Result" },
    back,
    go,
    save,
  );
  const handle = h(
    "div",
    {
      class: "compare",
      role: "slider",
      tabindex: 0,
      "aria-label": "Before and after",
      "aria-valuemin": 0,
      "aria-valuemax": 100,
    },
    h("span", { class: "tag before", "aria-hidden": true }, "Before"),
    h("span", { class: "grip", "aria-hidden": true }),
    h("span", { class: "tag after", "aria-hidden": true }, "After"),
  );
  root.append(handle, bar);

  const width = (): number => {
    const { work } = app.store.get();
    return work.phase === "done" ? work.result.image.width : 0;
  };
  const move = (clientX: number): void => {
    const x = clientX - root.getBoundingClientRect().left;
    desk.dispatch({ compare: compareAt(x, desk.get().view, width()) });
  };
  handle.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    handle.focus();
    handle.setPointerCapture(event.pointerId);
  });
  handle.addEventListener("pointermove", (event) => {
    if (handle.hasPointerCapture(event.pointerId)) move(event.clientX);
  });
  handle.addEventListener("keydown", (event) => {
    const steps: Record<string, number> = { ArrowLeft: -0.02, ArrowRight: 0.02, Home: -1, End: 1 };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    desk.dispatch({ compare: Math.min(Math.max(desk.get().compare + step, 0), 1) });
  });

  function show(): void {
    const isDone = app.store.get().work.phase === "done";
    bar.hidden = handle.hidden = !isDone;
    root.classList.toggle("comparing", isDone);
    if (!isDone) return;
    const { compare, view } = desk.get();
    handle.style.left = `${handleAt(compare, view, width(), root.clientWidth)}px`;
    handle.setAttribute("aria-valuenow", String(Math.round(compare * 100)));
    handle.setAttribute("aria-valuetext", `${Math.round(compare * 100)} % before`);
  }
  const unfollow = app.store.subscribe(show);
  const undesk = desk.subscribe(show);
  show();
  return () => {
    unfollow();
    undesk();
    handle.remove();
    bar.remove();
  };
}

/** A button with `label`, and with `rest` where there is room for it. */
function action(
  name: "back" | "brush" | "download",
  label: string,
  rest: string,
  run: () => void,
): HTMLButtonElement {
  const text = h("span", {}, label, h("span", { class: "wide" }, rest));
  const title = label + rest;
  const button = h("button", { type: "button", class: "button", title }, icon(name), text);
  button.addEventListener("click", run);
  return button;
}

async function download(app: App): Promise<void> {
  const { work } = app.store.get();
  if (work.phase !== "done") return;
  const url = URL.createObjectURL(await resultFile(work.result));
  h("a", { href: url, download: resultName(work.picture.name) }).click();
  // The browser reads the address after this call; a minute is more than it takes.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
