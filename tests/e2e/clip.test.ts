import { unzipSync } from "fflate";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { hasFfmpeg, makeClip, probe } from "../support/clips";
import { pixelsOfPng, tinyPng } from "../support/png";
import {
  choose,
  chooseAll,
  chooseNode,
  notice,
  ready,
  saved,
  setSteps,
  stroke,
  useBrowser,
} from "./support/page";

const { open } = useBrowser();

const detail = (page: Page) => page.getByRole("button", { name: /^Detail/ }).click();
const done = (page: Page) => page.locator('canvas[data-phase="done"]').waitFor();
const place = (page: Page) => page.locator(".place");

/** Opens a clip and waits until its first frame is there. */
async function openClip(page: Page, name: string, bytes: Uint8Array): Promise<void> {
  await choose(page, name, bytes);
  await expect.poll(() => place(page).textContent()).toContain("Frame 1 of");
  await expect.poll(() => notice(page)).toContain(`“${name}”:`);
}

async function setSpan(page: Page, from: number, to: number): Promise<void> {
  await page.getByLabel("Last frame to redraw").fill(String(to));
  await page.getByLabel("First frame to redraw").fill(String(from));
  await page.keyboard.press("Tab");
}

async function showFrame(page: Page, frame: number): Promise<void> {
  await page.getByRole("slider", { name: "Frame" }).fill(String(frame - 1));
  await expect.poll(() => place(page).textContent()).toContain(`Frame ${frame} of`);
  // The line is there before the pixels are.
  await page.waitForTimeout(300);
}

async function saveAs(page: Page, format: string): Promise<[string, Buffer]> {
  await page.getByLabel("Format of the clip").selectOption(format);
  return saved(page, "Save clip");
}

/** The pixels of every frame, from the archive the page saves. */
async function framesOf(page: Page) {
  const [, zip] = await saveAs(page, "png-zip");
  const files = unzipSync(new Uint8Array(zip));
  return Object.keys(files)
    .sort()
    .map((name) => pixelsOfPng(files[name]!));
}

/**
 * From now on until what is returned is called: the page's tasks of more than 100 ms, with what they
 * did. Of their own time on the processor, as the tests share that with the engine, an encoder and
 * whatever else runs on the machine.
 */
async function watchTasks(page: Page): Promise<() => Promise<string[]>> {
  const browser = page.context().browser();
  await browser?.startTracing(page, {
    categories: ["toplevel", "__metadata", "devtools.timeline"],
  });
  return async () => {
    const trace = (await browser?.stopTracing())?.toString() ?? "{}";
    const { traceEvents = [] } = JSON.parse(trace) as { traceEvents?: TraceEvent[] };
    const threadOf = ({ pid, tid }: TraceEvent): string => `${pid}:${tid}`;
    const isMain = ({ name, args }: TraceEvent): boolean =>
      name === "thread_name" && args?.name === "CrRendererMain";
    const main = new Set(traceEvents.filter(isMain).map(threadOf));
    const events = traceEvents.filter((event) => main.has(threadOf(event)));
    const tasks = events.filter(({ name }) => name === "ThreadControllerImpl::RunTask");
    expect(tasks.length, "tasks in the trace").toBeGreaterThan(100);
    // The task in which tracing ends is cut off and has no time of its own.
    const long = tasks.filter(({ tdur = 0 }) => tdur > 100_000);
    const about = long.map((task) => {
      const end = task.ts + (task.dur ?? 0);
      const within = events.filter(
        ({ ts, dur = 0, tdur = 0 }) => ts >= task.ts && ts + dur <= end && tdur > 20_000,
      );
      return within.map(({ name, tdur, args }) => `${name} ${tdur} ${JSON.stringify(args)}`).join();
    });
    // What the tests themselves do in the page, the clip's bytes as a message for one.
    return about.filter((text) => !text.includes("blink.mojom.DevToolsSession"));
  };
}

interface TraceEvent {
  name: string;
  pid: number;
  tid: number;
  /** Microseconds: when it began, how long it took, and of that the thread's own time. */
  ts: number;
  dur?: number;
  tdur?: number;
  args?: { name?: string };
}

/** Whether this browser encodes H.264 or not, one of them works. */
async function videoFormat(page: Page): Promise<"mp4" | "webm"> {
  const mp4 = page.locator('select[aria-label="Format of the clip"] option[value="mp4"]');
  await mp4.waitFor({ state: "attached" });
  return (await mp4.isDisabled()) ? "webm" : "mp4";
}

describe.skipIf(!hasFfmpeg())("a clip", () => {
  test("of 5 s, 30 fps and 720p goes in, is redrawn and comes out, and the page answers all the time", async () => {
    const clip = await makeClip({ name: "clip.mp4", sound: true });
    const page = await open();
    await ready(page);
    const longTasks = await watchTasks(page);
    await openClip(page, "clip.mp4", clip);
    expect(await notice(page)).toContain("1280 × 720 px · 150 frames · 30 fps · sound");
    await stroke(page, [0.45, 0.35], [0.47, 0.38]);
    await chooseNode(page, "DetailerForEachPipeForAnimateDiff");
    await setSteps(page, 1);
    await setSpan(page, 2, 4);
    await page.getByRole("button", { name: "Play" }).click();
    await expect.poll(() => place(page).textContent()).not.toContain("Frame 1 of");
    await page.getByRole("button", { name: "Pause" }).click();
    await detail(page);
    await page.getByText(/^3 frames · /).waitFor();
    await done(page);

    const [name, bytes] = await saveAs(page, await videoFormat(page));
    expect(name).toMatch(/^clip-burnished\.(mp4|webm)$/);
    expect(await notice(page)).toMatch(/^Saved as (MP4|WebM) with /);
    const out = await probe(name, bytes);
    expect(out.frames).toBe(150);
    expect(out.rate).toBeCloseTo(30, 1);
    expect(Math.abs(out.duration - 5)).toBeLessThan(1 / 30);
    expect(out.codecs).toHaveLength(2);
    expect(await longTasks()).toEqual([]);
  });

  test("changes only where it was redrawn, and only in the frames that were chosen", async () => {
    const clip = await makeClip({ name: "small.webm", size: "192x128", rate: 10, seconds: 0.8 });
    const page = await open();
    await ready(page);
    await openClip(page, "small.webm", clip);
    await stroke(page, [0.5, 0.4], [0.52, 0.42]);
    await chooseNode(page, "DetailerForEachPipeForAnimateDiff");
    await setSteps(page, 1);
    await setSpan(page, 3, 4);
    const before = await framesOf(page);
    await detail(page);
    await done(page);
    const after = await framesOf(page);
    expect(before).toHaveLength(8);
    expect(after).toHaveLength(8);
    const changed = after.map((frame, at) => changedBox(before[at]!, frame));
    expect(changed.map((box) => box !== null)).toEqual([
      false,
      false,
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
    // The paint is under a third of the picture from end to end.
    for (const box of changed.filter((box) => box !== null)) {
      expect(box.right - box.left).toBeLessThan(192 / 3);
      expect(box.bottom - box.top).toBeLessThan(128 / 2);
    }
  });

  test("is redrawn frame by frame by a node for stills; cancelling keeps what is done", async () => {
    const clip = await makeClip({ name: "small.webm", size: "192x128", rate: 10, seconds: 0.8 });
    const page = await open();
    await ready(page);
    await openClip(page, "small.webm", clip);
    await stroke(page, [0.5, 0.4], [0.52, 0.42]);
    await setSteps(page, 2);
    await detail(page);
    await page.getByText(/^Frame 2 of 8 · /).waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await done(page);
    expect(await notice(page)).toMatch(/^Cancelled\. \d of 8 frames are redrawn and kept\.$/);
    const kept = Number((await notice(page)).match(/\d/)?.[0]);
    expect(kept).toBeGreaterThanOrEqual(1);
    const line = await page.locator(".run-line").textContent();
    expect(line).toMatch(kept === 1 ? /^1 segment redrawn/ : `${kept} segments redrawn`);
  });

  test("has masks between key frames, and what is painted on one is followed", async () => {
    // A texture that moves two pixels to the left with every frame.
    const source =
      "life=size=400x160:mold=10:ratio=0.3:seed=7:rate=10,trim=end_frame=1,loop=-1:1:0,fps=10,gblur=2,crop=240:160:2*n:0,trim=duration=2";
    const clip = await makeClip({ name: "moving.webm", source });
    const page = await open();
    await ready(page);
    await openClip(page, "moving.webm", clip);
    await stroke(page, [0.6, 0.3], [0.66, 0.45]);
    const key = page.getByRole("button", { name: "Key frame: " });
    expect(await key.getAttribute("aria-pressed")).toBe("true");
    await page.getByRole("button", { name: "Follow the paint forwards" }).click();
    await expect
      .poll(() => notice(page))
      .toBe("The paint was followed over 19 frames. Where it is off, paint on that frame.");
    await showFrame(page, 20);
    expect(await key.getAttribute("aria-pressed")).toBe("false");
    // A correction by hand is a key frame of its own.
    await stroke(page, [0.4, 0.3], [0.42, 0.35]);
    expect(await key.getAttribute("aria-pressed")).toBe("true");
    await page.keyboard.press("<");
    await expect.poll(() => place(page).textContent()).toContain("Frame 1 of 20 · key");
    await page.getByRole("button", { name: "Copy the mask to the next frame" }).click();
    await expect.poll(() => place(page).textContent()).toContain("Frame 2 of 20 · key");
    await expect.poll(() => page.locator(".marks .key").count()).toBe(3);

    // All of it is there again after a reload.
    await page.waitForTimeout(900);
    await page.reload();
    await ready(page);
    await expect.poll(() => page.locator(".marks .key").count()).toBe(3);
    expect(await page.locator(".marks .followed").count()).toBe(1);
  });

  test("takes its masks from a clip of the same length, and says when it is of another", async () => {
    const size = "192x128";
    const clip = await makeClip({ name: "small.webm", size, rate: 10, seconds: 0.8 });
    const box = "drawbox=x=80:y=40:w=24:h=24:color=white:t=fill";
    const masks = (seconds: number) =>
      makeClip({
        name: "masks.webm",
        source: `color=black:size=${size}:rate=10:duration=${seconds},${box}`,
      });
    const page = await open();
    await ready(page);
    await openClip(page, "small.webm", clip);
    const give = async (seconds: number) =>
      page
        .locator('.timeline input[type="file"]')
        .setInputFiles([
          { name: "masks.webm", mimeType: "video/webm", buffer: await masks(seconds) },
        ]);
    await give(0.5);
    await expect
      .poll(() => notice(page))
      .toBe("The mask clip “masks.webm” has 5 frames, the clip has 8. Cut it to the same length.");
    await give(0.8);
    await page.getByRole("button", { name: "Masks from a clip", pressed: true }).waitFor();
    await setSteps(page, 1);
    await setSpan(page, 8, 8);
    await detail(page);
    await done(page);
    expect(await page.locator(".run-line").textContent()).toContain("1 segment redrawn");
  });

  test("comes as GIF and goes as GIF, APNG and WebM with the same frames", async () => {
    const clip = await makeClip({ name: "small.gif", size: "96x64", rate: 10, seconds: 1 });
    const page = await open();
    await ready(page);
    await openClip(page, "small.gif", clip);
    expect(await page.getByRole("radio", { name: "Frame 10 of 10" }).isVisible()).toBe(true);
    for (const [format, codec] of [
      ["gif", "gif"],
      ["apng", "apng"],
      ["webm", /^(vp9|vp8|av1)$/],
    ] as const) {
      const [name, bytes] = await saveAs(page, format);
      const out = await probe(name, bytes);
      expect(out.codecs[0]).toMatch(codec);
      expect(out.frames).toBe(10);
      expect(out.rate).toBeCloseTo(10, 1);
    }
  });

  test("that is bad is answered with a sentence, and what is open stays", async () => {
    const clip = await makeClip({ name: "small.mp4", size: "192x128", rate: 10, seconds: 0.8 });
    const page = await open();
    await ready(page);
    const file = (name: string, buffer: Buffer) => ({ name, mimeType: "", buffer });
    const cases: [{ name: string; mimeType: string; buffer: Buffer }[], string][] = [
      [[file("empty.mp4", Buffer.alloc(0))], "“empty.mp4” is empty. Open another clip."],
      [[file("text.mp4", Buffer.from("not a clip"))], "“text.mp4” is not a clip Burnish can read."],
      [[file("cut.mp4", clip.subarray(0, clip.length / 2))], "“cut.mp4” is damaged or cut short."],
      [[file("text.zip", Buffer.from("not an archive"))], "“text.zip” is not a whole ZIP archive."],
      [
        [file("1.png", Buffer.from(tinyPng(64, 48))), file("2.png", Buffer.from(tinyPng(64, 64)))],
        "The frames of a clip must be of one size, but “1.png” is 64 × 48 px and “2.png” is 64 × 64 px.",
      ],
      [
        [file("1.png", Buffer.from(tinyPng(64, 48))), file("2.mp4", clip)],
        "“2.mp4” is a clip of its own. Open it alone, or open pictures only.",
      ],
    ];
    for (const [files, sentence] of cases) {
      await chooseAll(page, files);
      await expect.poll(() => notice(page)).toContain(sentence);
      expect(await page.locator(".timeline").isVisible()).toBe(false);
      await page.getByRole("button", { name: "Close this message" }).click();
    }
    const silent = await makeClip({ name: "sound.mp4", source: "sine=duration=1", size: "" });
    await choose(page, "sound.mp4", silent);
    await expect.poll(() => notice(page)).toContain("“sound.mp4” has no pictures in it.");
  });

  test("of 2000 frames opens, and a run over all of them is refused with the number that fits", async () => {
    const clip = await makeClip({ name: "long.mp4", size: "320x240", rate: 100, seconds: 20 });
    const page = await open();
    await ready(page);
    await openClip(page, "long.mp4", clip);
    expect(await notice(page)).toContain("2000 frames");
    await showFrame(page, 1999);
    await stroke(page, [0.5, 0.4], [0.6, 0.5]);
    await chooseNode(page, "DetailerForEachPipeForAnimateDiff");
    await detail(page);
    await expect
      .poll(() => notice(page))
      .toMatch(
        /^2000 frames of a \d+ × \d+ px crop need about [\d.]+ GB .* Choose up to \d+ frames/,
      );
  });
});

/** The box around all pixels that differ; null when none does. */
function changedBox(
  one: { width: number; data: Uint8Array },
  other: { width: number; data: Uint8Array },
) {
  const [xs, ys]: [number[], number[]] = [[], []];
  for (let at = 0; at < one.data.length; at += 4) {
    if ([0, 1, 2, 3].every((channel) => one.data[at + channel] === other.data[at + channel])) {
      continue;
    }
    xs.push((at / 4) % one.width);
    ys.push(Math.floor(at / 4 / one.width));
  }
  if (xs.length === 0) return null;
  return {
    left: Math.min(...xs),
    top: Math.min(...ys),
    right: Math.max(...xs),
    bottom: Math.max(...ys),
  };
}
