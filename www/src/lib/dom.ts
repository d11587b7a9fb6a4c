/** Building elements. */

type Attributes = Record<string, string | number | boolean | null | undefined>;
type Child = Node | string | null;

/** An element with attributes (`true` is an empty one, `false` and null leave it out) and children. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Sets an element's text only when it differs, so that screen readers are not woken for nothing. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Calls every function of `stops`, last first: whatever starts something returns what stops it. */
export function stopAll(stops: readonly (() => void)[]): () => void {
  return () => {
    for (const stop of [...stops].reverse()) stop();
  };
}
