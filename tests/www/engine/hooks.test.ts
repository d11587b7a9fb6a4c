import { describe, expect, it } from "vitest";
import {
  answerOf,
  createHookStubs,
  methodsOf,
  type DetailerHook,
  type HookQuestion,
} from "../../../www/src/engine/hooks";

/** A hook on this side, asked through messages as over the border of a worker. */
function across(hook: DetailerHook) {
  const stubs = createHookStubs();
  const asked: HookQuestion[] = [];
  const [stub] = stubs.stubs([methodsOf(hook)], (question) => {
    asked.push(structuredClone(question));
    void answerOf([hook], structuredClone(question)).then((answer) =>
      stubs.answered(structuredClone(answer)),
    );
  });
  return { stub: stub as Required<DetailerHook>, asked };
}

class Doubling implements DetailerHook {
  factor = 2;
  touch_scaled_size(width: number, height: number) {
    return [width * this.factor, height * this.factor] as const;
  }
}

describe("hooks of the caller", () => {
  it("are asked with what is shown and answer with what they give, themselves as `this`", async () => {
    const { stub, asked } = across(new Doubling());
    expect(await stub.touch_scaled_size(8, 16)).toEqual([16, 32]);
    expect(asked).toEqual([{ turn: 1, hook: 0, method: "touch_scaled_size", shown: [8, 16] }]);
  });

  it("have only the methods they were written with, inherited ones too", () => {
    expect(methodsOf(new Doubling())).toEqual(["touch_scaled_size"]);
    expect(methodsOf({ post_decode: undefined as never, post_paste: () => undefined })).toEqual([
      "post_paste",
    ]);
    expect(Object.keys(across(new Doubling()).stub)).toEqual(["touch_scaled_size"]);
  });

  it("may take their time, and answer out of turn", async () => {
    const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    const { stub } = across({
      should_retry_patch: async (_, attempt) => {
        await wait(attempt === 0 ? 20 : 0);
        return attempt === 0;
      },
    });
    const patch = { data: new Float32Array(3), frames: 1, height: 1, width: 1, channels: 3 };
    const answers = [stub.should_retry_patch(patch, 0), stub.should_retry_patch(patch, 1)];
    expect(await Promise.all(answers)).toEqual([true, false]);
  });

  it("reject with what they throw", async () => {
    const { stub } = across({
      post_detection: () => {
        throw new Error("no faces");
      },
    });
    await expect(stub.post_detection("{}")).rejects.toThrow("no faces");
  });
});
