/** The dialog of models: what is stored, what can be added, and the space it takes. */

import "./panel.css";
import type { App } from "../../app";
import {
  closeModels,
  deleteStored,
  loadStored,
  resumeModel,
  stopUsing,
} from "../../commands/models";
import { NO_STORAGE } from "../../engine/store/sentences";
import type { StoredModel } from "../../engine/store/types";
import { h, setText } from "../../lib/dom";
import { icon } from "../../lib/icons";
import { createAdd } from "./add";
import { persistedText, saidIn, storageText, type RowAction } from "./logic";
import { createRow, type Row } from "./row";

/** Mounts the dialog in `root`; returns its removal. */
export function mountModels(root: HTMLElement, app: App): () => void {
  const close = h(
    "button",
    { type: "button", class: "button bare square", "aria-label": "Close the models" },
    icon("close"),
  );
  const text = h("p", { role: "status" });
  const loading = h("progress", { max: 1, "aria-label": "Loading" });
  const forget = h(
    "button",
    { type: "button", class: "button bare square close", "aria-label": "Close this message" },
    icon("close"),
  );
  const said = h("div", { class: "model-said" }, h("div", {}, text, loading), forget);
  const list = h("ul", { class: "model-list", "aria-label": "Stored models" });
  const none = h("p", { class: "soft" }, "Nothing is stored yet.");
  const add = createAdd(app);
  const space = h("meter", { min: 0, max: 1, "aria-label": "Storage used" });
  const storage = h("p", { class: "soft" });
  const dialog = h(
    "dialog",
    { class: "models", "aria-labelledby": "models-title" },
    h("header", {}, h("h2", { id: "models-title" }, "Models"), close),
    said,
    h("section", {}, h("h3", {}, "Stored in this browser"), none, list),
    add.root,
    h("footer", {}, space, storage),
  );
  root.append(dialog);
  close.addEventListener("click", () => dialog.close());
  forget.addEventListener("click", () => app.store.dispatch({ type: "models-said", said: null }));
  dialog.addEventListener("close", () => closeModels(app));
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog) dialog.close();
  });

  const rows = new Map<string, Row>();
  function show(): void {
    const { models, storedModel, inUse, engine, work } = app.store.get();
    if (models.isOpen && !dialog.open) dialog.showModal();
    if (!models.isOpen && dialog.open) dialog.close();
    if (!models.isOpen) return;
    const now = saidIn(models.said, engine);
    setText(text, now?.text ?? "");
    said.classList.toggle("error", now?.tone === "error");
    said.hidden = now === null;
    loading.hidden = engine.is !== "loading";
    forget.hidden = !loading.hidden;
    if (engine.is === "loading" && engine.total > 0) loading.value = engine.done / engine.total;
    else loading.removeAttribute("value");
    none.hidden = models.stored.length > 0;
    const isBusy = work.phase === "running" || engine.is !== "ready";
    const elements = models.stored.map((model) => {
      const row = rows.get(model.id) ?? createRow();
      rows.set(model.id, row);
      const transfer = models.transfers[model.id];
      const run = (action: RowAction): void => act(app, action, model);
      const used = inUse.includes(model.id) ? "used" : null;
      const use = model.id === storedModel ? "loaded" : used;
      row.update({ model, transfer, use, isBusy, run });
      return row.root;
    });
    const isSame = elements.every((element, at) => list.children[at] === element);
    if (!isSame || list.children.length !== elements.length) list.replaceChildren(...elements);
    add.show();
    const there = models.storage;
    space.hidden = there === null;
    if (there) space.value = there.quota === 0 ? 0 : there.usage / there.quota;
    setText(storage, there ? `${storageText(there)} ${persistedText(there)}` : NO_STORAGE);
  }
  const unfollow = app.store.subscribe((state, before) => {
    const isOther = (["engine", "storedModel", "inUse"] as const).some(
      (name) => state[name] !== before[name],
    );
    const isChosen =
      state.keepsModels !== before.keepsModels || state.precision !== before.precision;
    if (state.models !== before.models || isChosen || isOther) show();
  });
  return () => {
    unfollow();
    dialog.remove();
  };
}

function act(app: App, action: RowAction, model: StoredModel): void {
  switch (action) {
    case "load":
      return void loadStored(app, model);
    case "stop":
      return void stopUsing(app, model);
    case "resume":
      return resumeModel(app, model);
    case "pause":
      return app.models.stop(model.id);
    case "delete":
    case "cancel":
      return void deleteStored(app, model);
  }
}
