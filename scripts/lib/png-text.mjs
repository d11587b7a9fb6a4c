// The text chunks the page writes into its PNG files.

/** The iTXt chunk under `keyword`, uncompressed and without language, or null. */
export function pngText(png, keyword) {
  const prefix = `${keyword}\0\0\0\0\0`;
  for (let at = 8; at + 12 <= png.length;) {
    const length = png.readUInt32BE(at);
    const type = png.toString("latin1", at + 4, at + 8);
    const text = png.toString("utf8", at + 8, at + 8 + length);
    if (type === "iTXt" && text.startsWith(prefix)) return text.slice(prefix.length);
    at += 12 + length;
  }
  return null;
}
