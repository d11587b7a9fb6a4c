import { describe, expect, it } from "vitest";
import { aboutUrl } from "../../../../www/src/engine/store/about";
import { contentRange, planFrom, rangeHeaders } from "../../../../www/src/engine/store/ranges";

const url = "https://example.org/a.safetensors";
const about = { ...aboutUrl({ url }), bytes: 1000, etag: '"1"' };
const plan = (status: number, headers: Record<string, string>, have: number, entry = about) =>
  planFrom(status, new Headers(headers), have, entry);
const sentence = (result: ReturnType<typeof plan>) =>
  result.do === "fail" ? result.error.message : result.do;

describe("a Content-Range header", () => {
  it("is read with and without a total", () => {
    expect(contentRange("bytes 100-199/1000")).toEqual({ first: 100, last: 199, total: 1000 });
    expect(contentRange("bytes 0-9/*")).toEqual({ first: 0, last: 9, total: null });
    for (const other of [null, "", "bytes */1000", "items 0-1/2", "bytes a-b/c"])
      expect(contentRange(other)).toBeNull();
  });
});

describe("a request", () => {
  it("asks for the rest only when there is a beginning", () => {
    expect(rangeHeaders(0, about, true)).toEqual({});
    expect(rangeHeaders(100, about, false)).toEqual({ range: "bytes=100-" });
  });

  it("names a strong ETag, else the date, where no other origin has to allow it", () => {
    const both = { etag: 'W/"1"', lastModified: "Mon" };
    expect(rangeHeaders(9, about, true)).toEqual({ range: "bytes=9-", "if-range": '"1"' });
    expect(rangeHeaders(9, both, true)).toEqual({ range: "bytes=9-", "if-range": "Mon" });
    expect(rangeHeaders(9, { etag: null, lastModified: null }, true)).not.toHaveProperty(
      "if-range",
    );
  });
});

describe("an answer", () => {
  it("goes on where the file ends", () => {
    const headers = { "content-range": "bytes 100-999/1000", etag: '"1"' };
    expect(plan(206, headers, 100)).toEqual({ do: "write", from: 100, total: 1000 });
    expect(plan(206, { "content-length": "900" }, 100).do).toBe("write");
  });

  it("of a server without ranges begins anew", () => {
    const headers = { "content-length": "1000" };
    expect(plan(200, headers, 100)).toEqual({ do: "write", from: 0, total: 1000 });
  });

  it("of another version, or of another place in the file, voids what is here", () => {
    expect(plan(206, { "content-range": "bytes 100-999/1000", etag: '"2"' }, 100).do).toBe(
      "restart",
    );
    expect(plan(206, { "content-range": "bytes 0-999/1000" }, 100).do).toBe("restart");
    expect(plan(206, { "content-range": "bytes 100-1999/2000" }, 100).do).toBe("restart");
    expect(plan(416, {}, 100).do).toBe("restart");
  });

  it("that is no model fails with a sentence", () => {
    expect(sentence(plan(404, {}, 0))).toContain("There is no such file (404)");
    expect(sentence(plan(401, {}, 0))).toContain("log in");
    expect(sentence(plan(503, {}, 0))).toContain("Try again later");
    expect(sentence(plan(200, { "content-type": "text/html; charset=utf-8" }, 0))).toContain(
      "web page",
    );
    expect(sentence(plan(200, { "content-length": "999" }, 0))).toContain("should have 1000 bytes");
  });

  it("that is compressed does not tell the size", () => {
    const headers = { "content-length": "10", "content-encoding": "gzip" };
    expect(plan(200, headers, 0)).toEqual({ do: "write", from: 0, total: null });
  });
});
