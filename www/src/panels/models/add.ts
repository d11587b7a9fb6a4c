/** The ways a model comes in: from the disk, from an address, from the catalogue. */

import type { App } from "../../app";
import { addFiles } from "../../commands/add-local";
import { addAddress, addWanted } from "../../commands/models";
import { openFolders } from "../../commands/open";
import { CATALOGUE } from "../../engine/catalogue";
import { h, setText } from "../../lib/dom";
import { chosenIn } from "../../lib/dropped";
import { PRECISIONS, precisionHelp } from "../../state/precision";
import { entrySize, notHere } from "./logic";
import { licenceLink } from "./row";

/** The form; `show` follows the state. */
export function createAdd(app: App): { root: HTMLElement; show: () => void } {
  const file = h("input", { type: "file", accept: ".safetensors", multiple: true, hidden: true });
  const choose = h("button", { type: "button", class: "button" }, "Add files…");
  const folder = h("input", { type: "file", webkitdirectory: true, hidden: true });
  const chooseFolder = h("button", { type: "button", class: "button" }, "Add a folder…");
  chooseFolder.title = "A pipeline in the layout of diffusers, as downloaded from a hub";
  chooseFolder.hidden = !("webkitdirectory" in folder);
  const keeps = h("input", { type: "checkbox", id: "keeps-models" });
  const precision = h(
    "select",
    { id: "model-precision", class: "input", "aria-describedby": "model-precision-help" },
    ...PRECISIONS.map(({ name, title }) => h("option", { value: name }, title)),
  );
  const help = h("p", { class: "soft", id: "model-precision-help" });
  const url = h("input", {
    class: "input",
    id: "model-url",
    type: "url",
    inputmode: "url",
    placeholder: "https://…/model.safetensors",
    "aria-describedby": "model-url-problem",
    autocomplete: "off",
    spellcheck: "false",
  });
  const problem = h("p", { class: "problem", id: "model-url-problem", role: "alert" });
  const add = h("button", { type: "submit", class: "button" }, "Download");
  const form = h(
    "form",
    { class: "model-url", novalidate: true },
    h("label", { class: "visually-hidden", for: "model-url" }, "Address of a model"),
    url,
    add,
  );
  const catalogue = h("ul", { class: "model-list" });
  const head = h("h3", {}, "To download");
  const root = h(
    "section",
    { class: "model-add" },
    h("h3", {}, "Add a model"),
    h(
      "div",
      { class: "model-disk" },
      choose,
      chooseFolder,
      h("label", { class: "check", for: "keeps-models" }, keeps, "Keep for next time"),
      file,
      folder,
    ),
    form,
    problem,
    h(
      "div",
      { class: "model-precision" },
      h("label", { for: "model-precision" }, "Weights on the graphics card"),
      precision,
    ),
    help,
    head,
    catalogue,
  );

  choose.addEventListener("click", () => file.click());
  file.addEventListener("change", () => {
    const chosen = [...(file.files ?? [])];
    file.value = "";
    void addFiles(app, chosen);
  });
  chooseFolder.addEventListener("click", () => folder.click());
  folder.addEventListener("change", () => {
    const chosen = chosenIn(folder);
    folder.value = "";
    void openFolders(app, Promise.resolve(chosen));
  });
  keeps.addEventListener("change", () =>
    app.store.dispatch({ type: "keeping-chosen", keeps: keeps.checked }),
  );
  precision.addEventListener("change", () => {
    const chosen = PRECISIONS.find(({ name }) => name === precision.value);
    if (chosen) app.store.dispatch({ type: "precision-chosen", precision: chosen.name });
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const why = addAddress(app, url.value);
    setText(problem, why ?? "");
    url.setAttribute("aria-invalid", String(why !== null));
    if (why === null) url.value = "";
  });
  url.addEventListener("input", () => {
    setText(problem, "");
    url.setAttribute("aria-invalid", "false");
  });

  let listed = "";
  function show(): void {
    const { models, keepsModels, backend, precision: kept } = app.store.get();
    precision.value = kept;
    precision.disabled = backend === "cpu";
    setText(help, precisionHelp(kept, backend === "cpu"));
    keeps.checked = keepsModels;
    keeps.disabled = add.disabled = models.storage === null;
    const entries = notHere(CATALOGUE, models.stored);
    const now = entries.map(({ url: address }) => address).join();
    head.hidden = entries.length === 0;
    if (now === listed) return;
    listed = now;
    catalogue.replaceChildren(
      ...entries.map((entry) => {
        const get = h("button", { type: "button", class: "button" }, "Download");
        get.setAttribute("aria-label", `Download ${entry.title}`);
        get.addEventListener("click", () => addWanted(app, entry));
        const about = h("p", { class: "soft model-line" }, entry.about);
        const line = h("p", { class: "soft model-line" }, entrySize(entry));
        line.append(...licenceLink(entry.licence).slice(line.textContent === "" ? 1 : 0));
        const text = h(
          "div",
          { class: "model-text" },
          h("p", { class: "model-name" }, entry.title),
          about,
          line,
        );
        return h("li", { class: "model-row" }, text, h("div", { class: "model-buttons" }, get));
      }),
    );
  }
  return { root, show };
}
