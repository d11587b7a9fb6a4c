import { describe, expect, it } from "vitest";
import { EngineError, isFatal } from "../../../www/src/engine/engine";
import type { Reply, Request } from "../../../www/src/engine/protocol";
import { createWorkerEngine, type WorkerPort } from "../../../www/src/engine/worker-engine";

function port() {
  const sent: Request[] = [];
  const worker: WorkerPort = {
    postMessage: (request) => sent.push(request),
    terminate: () => {},
    onmessage: null,
    onerror: null,
  };
  const reply = (data: Reply) => worker.onmessage?.({ data } as MessageEvent<Reply>);
  const crash = () => worker.onerror?.({ preventDefault: () => {} } as ErrorEvent);
  return { sent, worker, reply, crash };
}

const source = { from: "url", name: "m", url: "m.safetensors" } as const;

describe("createWorkerEngine", () => {
  it("matches replies and events to calls by their number", async () => {
    const { sent, worker, reply } = port();
    const engine = createWorkerEngine(worker);
    const events: unknown[] = [];
    const first = engine.loadModel({ manifest: null, source }, (event) => events.push(event));
    const second = engine.loadModel({ manifest: null, source }, () => events.push("second"));
    reply({ id: 1, gives: { name: "two" } });
    reply({ id: 0, event: { type: "loading", done: 1, total: 2 } });
    reply({ id: 0, gives: { name: "one" } });
    expect(await first).toEqual({ name: "one" });
    expect(await second).toEqual({ name: "two" });
    expect(events).toEqual([{ type: "loading", done: 1, total: 2 }]);
    expect(sent).toHaveLength(2);
  });

  it("rejects with the failure's code and sentence", async () => {
    const { worker, reply } = port();
    const call = createWorkerEngine(worker).start("cpu");
    reply({ id: 0, failure: { code: "wrong_build", message: "No." } });
    await expect(call).rejects.toMatchObject({ code: "wrong_build", message: "No." });
  });

  it("tells a worker that never came up from one that crashed", async () => {
    const never = port();
    const start = createWorkerEngine(never.worker).start("cpu");
    never.crash();
    await expect(start).rejects.toMatchObject({ code: "worker" });

    const crashed = port();
    const engine = createWorkerEngine(crashed.worker);
    const load = engine.loadModel({ manifest: null, source }, () => {});
    crashed.reply({ id: 0, event: { type: "loading", done: 1, total: 2 } });
    crashed.crash();
    const error: unknown = await load.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "panic" });
    expect(isFatal(error)).toBe(true);
  });

  it("rejects what is pending when it is ended", async () => {
    const { worker } = port();
    const engine = createWorkerEngine(worker);
    const start = engine.start("cpu");
    engine.dispose();
    await expect(start).rejects.toBeInstanceOf(EngineError);
  });
});
