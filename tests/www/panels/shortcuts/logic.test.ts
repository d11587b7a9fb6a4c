import { expect, it } from "vitest";
import { shortcutOf } from "../../../../www/src/panels/shortcuts/logic";

const key = (
  key: string,
  held: Partial<Record<"ctrlKey" | "metaKey" | "shiftKey" | "altKey", true>> = {},
) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...held,
});

it("knows the keys of the canvas", () => {
  expect(shortcutOf(key("b"), false)).toBe("brush");
  expect(shortcutOf(key("E", { shiftKey: true }), false)).toBe("eraser");
  expect(shortcutOf(key("["), false)).toBe("smaller");
  expect(shortcutOf(key("z", { ctrlKey: true }), false)).toBe("undo");
  expect(shortcutOf(key("Z", { metaKey: true, shiftKey: true }), false)).toBe("redo");
  expect(shortcutOf(key("b", { ctrlKey: true }), false)).toBeNull();
});

it("leaves the keyboard to a text field, except for Escape and Ctrl+Enter", () => {
  expect(shortcutOf(key("b"), true)).toBeNull();
  expect(shortcutOf(key("z", { ctrlKey: true }), true)).toBeNull();
  expect(shortcutOf(key("Escape"), true)).toBe("cancel");
  expect(shortcutOf(key("Enter", { ctrlKey: true }), true)).toBe("detail");
});

it("steps through a clip, with the arrows where no control has them", () => {
  expect(shortcutOf(key("k"), false)).toBe("play");
  expect(shortcutOf(key(","), false)).toBe("frame-back");
  expect(shortcutOf(key(">", { shiftKey: true }), false)).toBe("key-on");
  expect(shortcutOf(key("ArrowRight"), false)).toBe("frame-on");
  expect(shortcutOf(key("ArrowRight"), false, true)).toBeNull();
  expect(shortcutOf(key("k"), true)).toBeNull();
});
