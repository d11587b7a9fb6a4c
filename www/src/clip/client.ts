/** The clip worker as the page sees it: sends calls over, matches replies to them. */

import { ClipError } from "./errors";
import type { ClipCall, ClipCalls, ClipReply, ClipRequest } from "./protocol";

export type OnProgress = (done: number, total: number) => void;

/** A call that goes on. */
export interface Running<T> {
  answer: Promise<T>;
  /** Makes it reject with code "cancelled" at its next step. */
  stop: () => void;
}

export interface ClipClient {
  /** Answers with what the call gives; `give` lists buffers that go over rather than being copied. */
  call<K extends ClipCall>(
    name: K,
    takes: ClipCalls[K]["takes"],
    options?: { onProgress?: OnProgress; give?: Transferable[] },
  ): Running<ClipCalls[K]["gives"]>;
}

/** The part of `Worker` that is needed, so that a test can stand in for it. */
export interface ClipPort {
  postMessage(request: ClipRequest, transfer?: Transferable[]): void;
  onmessage: ((event: MessageEvent<ClipReply>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

interface Pending {
  resolve: (gives: ClipCalls[ClipCall]["gives"]) => void;
  reject: (error: ClipError) => void;
  onProgress: OnProgress;
}

/** `start` makes the worker, which runs `clip.worker.ts`, with the first call. */
export function createClipClient(start: () => ClipPort): ClipClient {
  const pending = new Map<number, Pending>();
  let nextId = 0;
  let port: ClipPort | null = null;

  function started(): ClipPort {
    if (port) return port;
    const worker = start();
    worker.onmessage = ({ data: reply }) => {
      const call = pending.get(reply.id);
      if (!call) return;
      if ("total" in reply) return call.onProgress(reply.done, reply.total);
      pending.delete(reply.id);
      if ("failure" in reply) call.reject(new ClipError(reply.failure.message, reply.failure.code));
      else call.resolve(reply.gives);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      const error = new ClipError(
        "What opens and saves clips has stopped. Open the clip again; if that does not help, reload the page.",
      );
      for (const { reject } of pending.values()) reject(error);
      pending.clear();
      port = null;
    };
    return (port = worker);
  }

  return {
    call(name, takes, { onProgress = () => {}, give = [] } = {}) {
      const id = nextId++;
      // The id ties the reply to this call, so what it gives is what this call gives.
      const answer = new Promise<never>((resolve, reject) => {
        pending.set(id, { resolve: resolve as unknown as Pending["resolve"], reject, onProgress });
        started().postMessage({ id, call: name, takes } as ClipRequest, give);
      });
      return { answer, stop: () => started().postMessage({ stop: id }) };
    },
  };
}
