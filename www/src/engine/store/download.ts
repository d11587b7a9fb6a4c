/** Downloads into a file, going on where it stopped, until everything is here. */

import { Digest, type Sink } from "./digest";
import { nameFrom, nameFromHeader, parsedUrl } from "./names";
import { planFrom, rangeHeaders } from "./ranges";
import { backOff, MOST_LOSSES } from "./retry";
import { corsError, hashError, htmlError, lostError, pointerError, StoreError } from "./sentences";
import type { StoredModel, TransferState } from "./types";

/** The world outside, so that a test can stand in for it. */
export interface Surroundings {
  fetch(url: string, init: RequestInit): Promise<Response>;
  origin: string;
  wait(ms: number, signal: AbortSignal): Promise<void>;
  onProgress(state: TransferState, done: number, total: number | null): void;
  /** Writes the entry of the index. */
  save(about: StoredModel): Promise<void>;
  /** Why so many more bytes do not fit. */
  refuse(name: string, bytes: number): Promise<StoreError | null>;
}

/** Downloads `about.url` into `sink`; gives the finished entry. What is there stays on failure. */
export async function download(
  about: StoredModel,
  sink: Sink,
  around: Surroundings,
  signal: AbortSignal,
): Promise<StoredModel> {
  const digest = new Digest();
  let now = about;
  await digest.catchUp(sink, (done) => around.onProgress("checking", done, now.bytes), signal);
  let farthest = sink.size();
  for (let losses = 0; ;) {
    try {
      now = await attempt(now, sink, digest, around, signal);
      break;
    } catch (error) {
      if (error instanceof StoreError || signal.aborted) throw error;
      losses = sink.size() > farthest ? 1 : losses + 1;
      farthest = Math.max(farthest, sink.size());
      if (sink.size() === 0 && losses === 1 && (await isClosed(now, around, signal))) {
        throw corsError(now.name);
      }
      if (losses > MOST_LOSSES) throw lostError(now.name);
      around.onProgress("retrying", sink.size(), now.bytes);
      await around.wait(backOff(losses), signal);
    }
  }
  const sha256 = digest.hex();
  if (now.sha256 !== null && now.sha256 !== sha256) throw hashError(now.name);
  return { ...now, sha256, bytes: sink.size(), stored: sink.size(), complete: true, paused: false };
}

/** One request; gives the entry when the file is whole and throws when the connection is lost. */
async function attempt(
  before: StoredModel,
  sink: Sink,
  digest: Digest,
  around: Surroundings,
  signal: AbortSignal,
): Promise<StoredModel> {
  const url = before.url ?? "";
  const have = sink.size();
  if (have > 0 && have === before.bytes) return before;
  const response = await around.fetch(url, {
    headers: rangeHeaders(have, before, parsedUrl(url)?.origin === around.origin),
    cache: "no-store",
    signal,
  });
  const plan = planFrom(response.status, response.headers, have, before);
  if (plan.do === "fail") {
    await response.body?.cancel();
    if (response.status >= 500) throw new Error(String(response.status));
    throw plan.error;
  }
  if (plan.do === "restart" || plan.from === 0) {
    sink.truncate(0);
    digest.reset();
  }
  if (plan.do === "restart") {
    await response.body?.cancel();
    throw new Error("changed");
  }
  const about = described(before, response.headers, plan.total);
  const refusal = await around.refuse(about.name, (plan.total ?? 0) - plan.from);
  if (refusal) {
    await response.body?.cancel();
    throw refusal;
  }
  await pour(response, about, plan.from, sink, digest, around);
  if (plan.total !== null && sink.size() < plan.total) throw new Error("cut");
  return about;
}

async function pour(
  response: Response,
  about: StoredModel,
  from: number,
  sink: Sink,
  digest: Digest,
  around: Surroundings,
): Promise<void> {
  const reader = response.body?.getReader();
  let at = from;
  try {
    for (;;) {
      const next = await reader?.read();
      if (!next || next.done) break;
      if (at === 0) {
        refuseText(next.value, about.name);
        await around.save(about);
      }
      sink.write(next.value, at);
      digest.add(next.value);
      at += next.value.byteLength;
      around.onProgress("downloading", at, about.bytes);
    }
  } finally {
    await reader?.cancel().catch(() => {});
    sink.flush();
  }
}

/** A safetensors file begins with a length, never with text. */
function refuseText(first: Uint8Array, name: string): void {
  const text = new TextDecoder("latin1").decode(first.subarray(0, 64)).trimStart();
  if (text.startsWith("version https://git-lfs")) throw pointerError(name);
  if (/^<(!doctype|html|\?xml|head|body)/i.test(text)) throw htmlError(name);
}

function described(about: StoredModel, headers: Headers, total: number | null): StoredModel {
  const given = nameFromHeader(headers.get("content-disposition"));
  const hasOwnName = about.name !== nameFrom(about.url ?? "");
  return {
    ...about,
    name: hasOwnName ? about.name : (given ?? about.name),
    bytes: total ?? about.bytes,
    etag: headers.get("etag"),
    lastModified: headers.get("last-modified"),
  };
}

/** Whether the server is there but does not let this page read: an answer without its content. */
async function isClosed(
  { url }: StoredModel,
  around: Surroundings,
  signal: AbortSignal,
): Promise<boolean> {
  if (parsedUrl(url ?? "")?.origin === around.origin) return false;
  try {
    const answer = await around.fetch(url ?? "", { mode: "no-cors", method: "HEAD", signal });
    return answer.type === "opaque";
  } catch {
    return false;
  }
}
