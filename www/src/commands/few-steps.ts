/** Offers the settings of a model that is made for few steps; nothing is forced. */

import type { App } from "../app";
import { fewStepKind, type FewStep } from "../state/few-step";
import { BUILT_IN } from "../state/presets";
import { applyPreset } from "./share";

/** What the model that was loaded last is made for, until it is taken up. */
let offered: FewStep | null = null;

/** Says `sentence`, and offers the settings if `words` name a model for few steps. */
export function sayModel(app: App, sentence: string, ...words: (string | null)[]): void {
  offered = fewStepKind(...words);
  const text = offered ? `${sentence} It is made for few steps.` : sentence;
  const action = offered && {
    label: `Use ${offered.values.steps} steps and cfg ${offered.values.cfg}`,
    run: "use-few-steps" as const,
  };
  const notice = { tone: "info" as const, text, ...(action && { action }) };
  app.store.dispatch({ type: "noticed", notice });
  // The dialog lies over the notice, which is there once it is closed.
  const { models } = app.store.get();
  if (models.isOpen) app.store.dispatch({ type: "models-said", said: { tone: "info", text } });
}

/** Takes over what was offered. */
export function useFewSteps(app: App): void {
  const preset = BUILT_IN.find(({ name }) => name === offered?.name);
  if (preset) applyPreset(app, preset);
}
