import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { aboutUrl } from "../../../../www/src/engine/store/about";
import { copy } from "../../../../www/src/engine/store/copy";
import type { Sink } from "../../../../www/src/engine/store/digest";
import { download, type Surroundings } from "../../../../www/src/engine/store/download";
import { StoreError } from "../../../../www/src/engine/store/sentences";
import type { StoredModel } from "../../../../www/src/engine/store/types";

const whole = Uint8Array.from({ length: 1000 }, (_, at) => (at * 7 + 1) % 251);
const sum = createHash("sha256").update(whole).digest("hex");
const about = aboutUrl({ url: "https://example.org/a.safetensors", sha256: sum });
const never = new AbortController().signal;

function memory(start = new Uint8Array()): Sink & { bytes: Uint8Array } {
  const sink = {
    bytes: start,
    size: () => sink.bytes.length,
    read: (offset: number, length: number) => sink.bytes.subarray(offset, offset + length),
    write(part: Uint8Array, offset: number) {
      const grown = new Uint8Array(Math.max(sink.bytes.length, offset + part.length));
      grown.set(sink.bytes);
      grown.set(part, offset);
      sink.bytes = grown;
    },
    truncate: (size: number) => void (sink.bytes = sink.bytes.slice(0, size)),
    flush: () => {},
  };
  return sink;
}

/** A body that ends with an error after `length` bytes. */
function broken(from: number, length: number): ReadableStream<Uint8Array> {
  let sent = false;
  return new ReadableStream({
    pull(controller) {
      if (sent) controller.error(new TypeError("network"));
      else controller.enqueue(whole.slice(from, from + length));
      sent = true;
    },
  });
}

/** A server that cuts after `cuts` bytes each, then serves the rest. */
function serverThat({ cuts = [] as number[], ranges = true, etags = ['"1"'] } = {}) {
  const asked: (string | null)[] = [];
  const waits: number[] = [];
  const saved: StoredModel[] = [];
  const around: Surroundings = {
    origin: "https://burnish.example",
    fetch(_, { headers }) {
      const range = new Headers(headers).get("range");
      asked.push(range);
      const from = ranges ? Number(/\d+/.exec(range ?? "0")?.[0]) : 0;
      const etag = etags[Math.min(asked.length, etags.length) - 1]!;
      const length = { "content-length": String(1000 - from), etag };
      const cut = cuts.shift();
      const body = cut === undefined ? whole.slice(from) : broken(from, cut);
      if (from === 0) return Promise.resolve(new Response(body, { headers: length }));
      const part = { ...length, "content-range": `bytes ${from}-999/1000` };
      return Promise.resolve(new Response(body, { status: 206, headers: part }));
    },
    wait: (ms) => Promise.resolve(void waits.push(ms)),
    onProgress: () => {},
    save: (entry) => Promise.resolve(void saved.push(entry)),
    refuse: () => Promise.resolve(null),
  };
  return { around, asked, waits, saved };
}

describe("a download", () => {
  it("goes on after each cut and ends with the right sum", async () => {
    const { around, asked, waits, saved } = serverThat({ cuts: [300, 200] });
    const sink = memory();
    const done = await download(about, sink, around, never);
    expect(asked).toEqual([null, "bytes=300-", "bytes=500-"]);
    expect(done).toMatchObject({ complete: true, bytes: 1000, stored: 1000, sha256: sum });
    expect(sink.bytes).toEqual(whole);
    expect(waits, "each try gained something").toEqual([500, 500]);
    expect(saved[0], "known from the first bytes on").toMatchObject({ bytes: 1000, etag: '"1"' });
  });

  it("goes on with what an earlier visit left, hashing that too", async () => {
    const { around, asked } = serverThat();
    const sink = memory(whole.slice(0, 400));
    const left = { ...about, bytes: 1000, etag: '"1"' };
    expect(await download(left, sink, around, never)).toMatchObject({ sha256: sum });
    expect(asked).toEqual(["bytes=400-"]);
  });

  it("begins anew when the server has no ranges or the file has changed", async () => {
    for (const kind of [{ ranges: false }, { etags: ['"2"'] }]) {
      const { around } = serverThat(kind);
      const sink = memory(new Uint8Array(400));
      const left = { ...about, bytes: 1000, etag: '"1"' };
      expect(await download(left, sink, around, never)).toMatchObject({ sha256: sum });
      expect(sink.bytes).toEqual(whole);
    }
  });

  it("gives up after eight losses without a byte, waiting longer each time", async () => {
    const { around, waits } = serverThat();
    around.fetch = () => Promise.reject(new TypeError("network"));
    await expect(download(about, memory(), around, never)).rejects.toMatchObject({ code: "lost" });
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]);
  });

  it("refuses a wrong sum, a page, a pointer, and what does not fit", async () => {
    const { around } = serverThat();
    const wrong = { ...about, sha256: "0".repeat(64) };
    await expect(download(wrong, memory(), around, never)).rejects.toMatchObject({ code: "hash" });
    for (const text of ["<!DOCTYPE html><html>", "version https://git-lfs.github.com/spec/v1"]) {
      const said = { ...around, fetch: () => Promise.resolve(new Response(new Blob([text]))) };
      await expect(download(about, memory(), said, never)).rejects.toMatchObject({ code: "html" });
    }
    const full = new StoreError("full", "Too large.");
    const small = { ...around, refuse: () => Promise.resolve(full) };
    await expect(download(about, memory(), small, never)).rejects.toBe(full);
  });

  it("tells a server that lets nobody read from a lost connection", async () => {
    const { around } = serverThat();
    around.fetch = (_, { mode }) =>
      mode === "no-cors"
        ? Promise.resolve(Object.defineProperty(new Response(), "type", { value: "opaque" }))
        : Promise.reject(new TypeError("cors"));
    await expect(download(about, memory(), around, never)).rejects.toMatchObject({ code: "cors" });
  });
});

it("a copy has the bytes and the sum of the file", async () => {
  const sink = memory(new Uint8Array(2000));
  const done = await copy(about, new Blob([whole]), sink, () => {}, never);
  expect(sink.bytes).toEqual(whole);
  expect(done).toMatchObject({ complete: true, bytes: 1000, sha256: sum });
});
