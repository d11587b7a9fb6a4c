import { describe, expect, it } from "vitest";
import { createClipClient, type ClipPort } from "../../../www/src/clip/client";
import { ClipError } from "../../../www/src/clip/errors";
import type { ClipReply, ClipRequest } from "../../../www/src/clip/protocol";

function fake() {
  const sent: ClipRequest[] = [];
  let starts = 0;
  const port: ClipPort = {
    postMessage: (request) => void sent.push(request),
    onmessage: null,
    onerror: null,
  };
  const client = createClipClient(() => {
    starts++;
    return port;
  });
  const reply = (data: ClipReply) => port.onmessage?.(new MessageEvent("message", { data }));
  return { sent, client, reply, port, starts: () => starts };
}

describe("the clip client", () => {
  it("starts its worker with the first call and matches replies to calls", async () => {
    const { sent, client, reply, starts } = fake();
    expect(starts()).toBe(0);
    const told: number[] = [];
    const one = client.call("look", { frame: 1 });
    const other = client.call("settle", { keep: true }, { onProgress: (done) => told.push(done) });
    expect(sent).toMatchObject([
      { id: 0, call: "look" },
      { id: 1, call: "settle" },
    ]);
    reply({ id: 1, done: 3, total: 9 });
    reply({ id: 1, gives: null });
    reply({ id: 0, failure: { code: "clip", message: "It has no frame 2." } });
    expect(await other.answer).toBeNull();
    await expect(one.answer).rejects.toThrow(new ClipError("It has no frame 2."));
    expect([told, starts()]).toEqual([[3], 1]);
  });

  it("asks for a stop, and starts anew after a crash", async () => {
    const { sent, client, port, starts } = fake();
    const call = client.call("formats", {});
    call.stop();
    expect(sent.at(-1)).toEqual({ stop: 0 });
    port.onerror?.(Object.assign(new Event("error"), {}) as ErrorEvent);
    await expect(call.answer).rejects.toThrow("has stopped");
    void client.call("formats", {});
    expect(starts()).toBe(2);
  });
});
