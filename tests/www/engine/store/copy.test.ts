import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { aboutLocal } from "../../../../www/src/engine/store/about";
import { copy } from "../../../../www/src/engine/store/copy";
import type { Sink } from "../../../../www/src/engine/store/digest";

const parts = ["unet", "vae"].map((name) => ({ name, file: new File([name], name) }));
const about = aboutLocal({ name: "drawn", parts, manifest: null });

function sink(): Sink & { written: number[] } {
  const written: number[] = [];
  return {
    written,
    size: () => written.length,
    read: () => new Uint8Array(0),
    write: (bytes, offset) => void written.splice(offset, bytes.length, ...bytes),
    truncate: (size) => void written.splice(size),
    flush: () => {},
  };
}

it("copies a pipeline's files one after the other", async () => {
  const into = sink();
  into.written.push(1, 2, 3);
  const whole = new Blob(parts.map(({ file }) => file));
  const done = await copy(about, whole, into, () => {}, new AbortController().signal);
  expect(Buffer.from(into.written).toString()).toBe("unetvae");
  const sha256 = createHash("sha256").update("unetvae").digest("hex");
  expect(done).toEqual({ ...about, complete: true, stored: 7, sha256 });
});

it("says so when a file has vanished, and stops when it is told to", async () => {
  const gone = new Blob(["xx"]);
  gone.slice = () => {
    const part = new Blob([]);
    part.arrayBuffer = () => Promise.reject(new DOMException("gone", "NotFoundError"));
    return part;
  };
  const { signal } = new AbortController();
  await expect(copy(about, gone, sink(), () => {}, signal)).rejects.toThrow(
    "“drawn” can no longer be read from the disk. Choose it again.",
  );
  const stopped = AbortSignal.abort();
  await expect(copy(about, new Blob(["x"]), sink(), () => {}, stopped)).rejects.toThrow();
});
