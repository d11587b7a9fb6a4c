/** The page's icons: 20 px line drawings in the text's colour. */

const PATHS = {
  open: "M3 15.5v-11A1.5 1.5 0 0 1 4.5 3h3l2 2.5h6A1.5 1.5 0 0 1 17 7v8.5a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 3 15.5Z",
  picture: "M3.5 4.5h13v11h-13zM3.5 13l3.6-3.6 3.4 3.4 2.4-2.4 3.6 3.6M12.8 7.6h.01",
  brush:
    "M16.5 3.5c-4 2-7 5-8.5 7.5l2 2c2.500-1.500 5.500-4.500 7.500-8.500ZM8 11c-2 .2-2.700 1.500-3 3-.2 1-.8 1.700-2 2 3.500 1 6.500.3 7-3",
  eraser:
    "M8 16.500h8.500M4 11.500l6.700-7a1.400 1.400 0 0 1 2 0l3.300 3.400a1.400 1.400 0 0 1 0 2l-6.300 6.600H7.300L4 13.500a1.400 1.400 0 0 1 0-2ZM7.500 8l5.500 5.500",
  undo: "M7 4 3.500 7.500 7 11M4 7.500h7.500a4.500 4.500 0 0 1 0 9H8",
  redo: "m13 4 3.500 3.500L13 11M16 7.500H8.500a4.500 4.500 0 0 0 0 9H12",
  clear: "M4 5.500h12M8 5.500v-2h4v2M5.500 5.500l.8 11h7.400l.8-11M8.500 9v4.500M11.500 9v4.500",
  plus: "M10 4.500v11M4.500 10h11",
  minus: "M4.500 10h11",
  fit: "M3.500 7.500v-4h4M12.500 3.500h4v4M16.500 12.500v4h-4M7.500 16.500h-4v-4",
  download: "M10 3.500v9M6.500 9.500 10 13l3.500-3.500M4 16.500h12",
  close: "m5 5 10 10M15 5 5 15",
  dice: "M4.500 3.500h11a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1v-11a1 1 0 0 1 1-1ZM7 7h.01M13 7h.01M10 10h.01M7 13h.01M13 13h.01",
  reset: "M4 4v4h4M4.300 8a6.200 6.200 0 1 1-.3 3.500",
  back: "M9 4.500 3.500 10 9 15.500M4 10h12.500",
  up: "M10 16V4.500M5 9.500l5-5 5 5",
  down: "M10 4v11.500M5 10.500l5 5 5-5",
  copy: "M7.500 7.500h9v9h-9zM12.500 7.500v-4h-9v9h4",
  paste: "M7.500 4.500h-3v12h11v-12h-3M7.500 3h5v3h-5z",
  crops:
    "M3.500 3.500h5.500v5.500H3.500zM11 3.500h5.500v5.500H11zM3.500 11h5.500v5.500H3.500zM11 11h5.500v5.500H11z",
  play: "M6.500 4 15.500 10l-9 6Z",
  pause: "M6.500 4.500v11M13.500 4.500v11",
  previous: "M13 5 8 10l5 5M6 5v10",
  next: "m7 5 5 5-5 5M14 5v10",
  loop: "M4 9a4 4 0 0 1 4-4h8M13.500 2.500 16 5l-2.500 2.500M16 11a4 4 0 0 1-4 4H4M6.500 17.500 4 15l2.500-2.500",
  key: "m10 4.500 5.500 5.500-5.500 5.500L4.500 10Z",
  forward: "M3.500 5.500h6v9h-6zM12 10h5M14.500 7.500 17 10l-2.500 2.500",
  follow: "M4 13.500a3 3 0 1 0 0-6M7 10.500h9.500M13.500 7.500l3 3-3 3",
  followback: "M16 13.500a3 3 0 1 1 0-6M13 10.500H3.500M6.500 7.500l-3 3 3 3",
  onion:
    "M3.500 7a4.500 4.500 0 1 0 9 0 4.500 4.500 0 1 0-9 0M7.500 13a4.500 4.500 0 1 0 9 0 4.500 4.500 0 1 0-9 0",
  film: "M3.500 4.500h13v11h-13zM7 4.500v11M13 4.500v11M3.500 8H7M3.500 12H7M13 8h3.500M13 12h3.500",
  sides: "M3.500 4.500h13v11h-13zM10 4.500v11",
  chip: "M6 6h8v8H6zM8 3v3M12 3v3M8 14v3M12 14v3M3 8h3M3 12h3M14 8h3M14 12h3",
} as const;

export type IconName = keyof typeof PATHS;

/** A decorative icon; the control around it carries the label. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
