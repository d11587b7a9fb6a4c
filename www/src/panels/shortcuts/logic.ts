/** Which key does what. */

export type Shortcut =
  | "brush"
  | "eraser"
  | "smaller"
  | "larger"
  | "undo"
  | "redo"
  | "fit"
  | "zoom-in"
  | "zoom-out"
  | "detail"
  | "cancel"
  | "play"
  | "frame-back"
  | "frame-on"
  | "key-back"
  | "key-on";

export interface Key {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

const PLAIN: Record<string, Shortcut> = {
  b: "brush",
  e: "eraser",
  "[": "smaller",
  "]": "larger",
  "0": "fit",
  "+": "zoom-in",
  "=": "zoom-in",
  "-": "zoom-out",
  k: "play",
  ",": "frame-back",
  ".": "frame-on",
  "<": "key-back",
  ">": "key-on",
  ";": "key-back",
  ":": "key-on",
  arrowleft: "frame-back",
  arrowright: "frame-on",
};

/**
 * The shortcut for `key`; while text is typed only those that cannot be meant for it. Arrows belong to
 * the control that has the focus, if there is one.
 */
export function shortcutOf(key: Key, isTyping: boolean, isOnControl = false): Shortcut | null {
  const name = key.key.toLowerCase();
  const isCommand = key.ctrlKey || key.metaKey;
  if (name === "escape") return "cancel";
  if (isCommand && name === "enter") return "detail";
  if (isTyping || key.altKey || (isOnControl && name.startsWith("arrow"))) return null;
  if (!isCommand) return PLAIN[name] ?? null;
  if (name === "z") return key.shiftKey ? "redo" : "undo";
  return name === "y" ? "redo" : null;
}
