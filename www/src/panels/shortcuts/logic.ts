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
  | "cancel";

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
};

/** The shortcut for `key`; while text is typed only those that cannot be meant for it. */
export function shortcutOf(key: Key, isTyping: boolean): Shortcut | null {
  const name = key.key.toLowerCase();
  const isCommand = key.ctrlKey || key.metaKey;
  if (name === "escape") return "cancel";
  if (isCommand && name === "enter") return "detail";
  if (isTyping || key.altKey) return null;
  if (!isCommand) return PLAIN[name] ?? null;
  if (name === "z") return key.shiftKey ? "redo" : "undo";
  return name === "y" ? "redo" : null;
}
