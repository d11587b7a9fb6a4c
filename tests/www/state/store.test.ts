import { expect, it } from "vitest";
import { createStore } from "../../../www/src/state/store";

const add = (state: number, action: number): number => state + action;

it("tells listeners of a change, with what was before, until they leave", () => {
  const store = createStore(1, add);
  const seen: [number, number][] = [];
  const leave = store.subscribe((state, before) => seen.push([state, before]));
  store.dispatch(2);
  leave();
  store.dispatch(3);
  expect(seen).toEqual([[3, 1]]);
  expect(store.get()).toBe(6);
});

it("is silent when nothing changed", () => {
  const store = createStore(1, add);
  let calls = 0;
  store.subscribe(() => calls++);
  store.dispatch(0);
  expect(calls).toBe(0);
});
