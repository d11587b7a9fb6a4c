import { expect, it } from "vitest";
import { DRAFT_HELP, MOTION_HELP, SETTING_HELP } from "../../../www/src/state/help";
import { NODE_HELP } from "../../../www/src/state/nodes";
import { SCHEDULER_FUNCS } from "../../../www/src/state/rows";
import { tables } from "../../support/tables";

const SENTENCE = /^[A-Z][^.]*\.$/;

it("explains every setting of every node in one sentence, and no other", () => {
  const known = new Set(tables.nodes.flatMap(({ settings }) => settings.map(({ name }) => name)));
  expect(Object.keys(SETTING_HELP).sort()).toEqual([...known].sort());
  for (const [name, { help }] of Object.entries(SETTING_HELP)) expect(help, name).toMatch(SENTENCE);
});

it("explains every node of the core, in its order", () => {
  expect(NODE_HELP.map(({ name }) => name)).toEqual(tables.nodes.map(({ name }) => name));
  for (const { name, help } of NODE_HELP) expect(help, name).toMatch(SENTENCE);
});

it("explains every hook and function, and each of their settings", () => {
  const known = [...tables.hooks, ...SCHEDULER_FUNCS];
  expect(Object.keys(DRAFT_HELP).sort()).toEqual(known.map(({ name }) => name).sort());
  for (const { name, settings } of known) {
    expect(DRAFT_HELP[name]?.help, name).toMatch(SENTENCE);
    const explained = Object.entries(DRAFT_HELP[name]?.settings ?? {});
    expect(explained.map(([setting]) => setting)).toEqual(settings.map((row) => row.name));
    for (const [setting, help] of explained) expect(help, `${name} ${setting}`).toMatch(/^\w.*\.$/);
  }
});

it("explains every setting of motion", () => {
  for (const part of ["settings", "context", "lora"] as const) {
    const explained = Object.entries(MOTION_HELP[part]);
    expect(explained.map(([name]) => name)).toEqual(tables.motion[part].map(({ name }) => name));
    for (const [name, help] of explained) expect(help, name).toMatch(SENTENCE);
  }
});
