/** Builds the store and the engine, mounts the panels, starts. */

import "./style.css";
import type { App } from "./app";
import { keepChanges, keptSettings, restorePicture, restoreWildcards } from "./commands/keep";
import { followPaint } from "./commands/clip-masks";
import { followModels } from "./commands/models";
import { openSample } from "./commands/picture";
import { restartEngine, start } from "./commands/start";
import { createClips, createEngine, createStoreOfModels } from "./engine/create";
import type { Backend } from "./engine/protocol";
import { keepForOffline } from "./lib/offline";
import { mountCanvas } from "./panels/canvas/panel";
import { createDesk } from "./panels/canvas/desk";
import { mountControls } from "./panels/controls/panel";
import { mountDevice } from "./panels/device/panel";
import { mountFrames } from "./panels/frames/panel";
import { mountGallery } from "./panels/gallery/panel";
import { mountMotion } from "./panels/motion/panel";
import { mountModels } from "./panels/models/panel";
import { mountNotice } from "./panels/notice/panel";
import { mountPrompt } from "./panels/prompt/panel";
import { mountResult } from "./panels/result/panel";
import { mountRun } from "./panels/run/panel";
import { mountSegments } from "./panels/segments/panel";
import { mountSettings } from "./panels/settings/panel";
import { mountShortcuts } from "./panels/shortcuts/panel";
import { mountTimeline } from "./panels/timeline/panel";
import { mountToolbar } from "./panels/toolbar/panel";
import { mountUpload } from "./panels/upload/panel";
import { initialState } from "./state/initial";
import { reduce } from "./state/reduce";
import { createStore } from "./state/store";

const address = new URLSearchParams(location.search);

const app: App = {
  store: createStore(initialState(keptSettings(localStorage)), reduce),
  mask: null,
  clips: createClips(),
  keys: new Map(),
  motions: new Map(),
  isTurning: false,
  stopChore: null,
  engine: createEngine(address.get("engine")),
  createEngine: () => createEngine(address.get("engine")),
  models: createStoreOfModels(),
  wantedBackend: backendFrom(address.get("backend")),
};
const desk = createDesk();

const stage = place("stage");
mountCanvas(stage, app, desk);
mountGallery(stage, app, desk);
mountFrames(stage, app);
mountTimeline(stage, app, desk);
mountToolbar(stage, app, desk);
mountResult(stage, app, desk);
mountNotice(stage, app);
mountUpload(place("upload"), stage, app);
mountDevice(place("device"), app);
mountModels(document.body, app);
mountPrompt(place("prompt"), app);
mountControls(place("prompt"), app);
mountSegments(place("segments"), app);
mountSettings(place("settings"), app);
mountMotion(place("motion"), app);
mountRun(place("run"), app);
mountShortcuts(document, stage, app, desk);
followPaint(app);
keepChanges(app, localStorage);

void restoreWildcards(app);
void followModels(app);
void start(app).finally(keepForOffline);
void restorePicture(app).then((restored) => {
  if (!restored) return openSample(app);
});

// Coming back from the browser's cache the worker may be gone.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) void restartEngine(app);
});

function place(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page has no element "${id}".`);
  return element;
}

function backendFrom(value: string | null): Backend | null {
  return value === "cpu" || value === "webgpu" ? value : null;
}
