import { expect, test } from "vitest";
import { tinyPng } from "../support/png";
import { choose, maskState, notice, ready, stroke, useBrowser } from "./support/page";

const { open } = useBrowser();

const text = (words: string) => new TextEncoder().encode(words);

test("opens a chosen, a dropped and a pasted picture", async () => {
  const page = await open();
  await ready(page);
  await choose(page, "mine.png", tinyPng(64, 48));
  await expect.poll(() => maskState(page)).toMatchObject({ painted: false });

  for (const way of ["drop", "paste"] as const) {
    await stroke(page, [0.5, 0.5], [0.52, 0.5]);
    await expect.poll(() => maskState(page)).toMatchObject({ painted: true });
    await page.evaluate(
      ([way, bytes]) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], "other.png", { type: "image/png" }));
        const init = { bubbles: true, cancelable: true };
        window.dispatchEvent(
          way === "drop"
            ? new DragEvent("drop", { ...init, dataTransfer: data })
            : new ClipboardEvent("paste", { ...init, clipboardData: data }),
        );
      },
      [way, [...tinyPng(80, 60)]] as const,
    );
    await expect.poll(() => maskState(page)).toMatchObject({ painted: false });
  }
});

test("answers files it cannot open with a sentence and keeps what is painted", async () => {
  const page = await open();
  await ready(page);
  const cases: [string, Uint8Array, string][] = [
    ["notes.txt", text("not a picture"), "“notes.txt” is not a picture Burnish can read."],
    ["empty.png", new Uint8Array(), "“empty.png” is empty."],
    ["cut.png", tinyPng(64, 64).subarray(0, 60), "“cut.png” is cut short"],
    ["dot.png", tinyPng(1, 1), "“dot.png” is 1 × 1 px; Burnish needs at least 16 px"],
  ];
  for (const [name, bytes, sentence] of cases) {
    await choose(page, name, bytes);
    await expect.poll(() => notice(page)).toContain(sentence);
    expect(await maskState(page)).toMatchObject({ painted: true });
  }
});

test("refuses 12000 x 9000 pixels, offers to open 6000 x 4000 smaller", async () => {
  const page = await open();
  await ready(page);
  await choose(page, "huge.png", tinyPng(12000, 9000, "bitmap"));
  await expect.poll(() => notice(page)).toContain("“huge.png” is 12000 × 9000 px");
  expect(await page.locator(".notice .link").count()).toBe(0);
  expect(await maskState(page)).toMatchObject({ painted: true });

  await choose(page, "large.png", tinyPng(6000, 4000, "bitmap"));
  await page.getByRole("button", { name: "Open it at 4096 × 2731 px" }).click();
  await expect.poll(() => maskState(page)).toMatchObject({ painted: false });
  await stroke(page, [0.5, 0.5], [0.55, 0.5]);
  await expect.poll(() => maskState(page)).toMatchObject({ painted: true });
});

test("keeps picture, mask and settings over a reload", async () => {
  const page = await open();
  await ready(page);
  await choose(page, "mine.png", tinyPng(64, 48));
  await stroke(page, [0.5, 0.5], [0.55, 0.5]);
  await page.getByLabel("denoise", { exact: true }).fill("0.35");
  await page.getByRole("textbox", { name: "Prompt", exact: true }).fill("a lighthouse");
  // Longer than the quiet time after which the work is written.
  await page.waitForTimeout(900);
  await page.reload();
  await ready(page);
  expect(await maskState(page)).toEqual({ painted: true, canUndo: false, canRedo: false });
  expect(await page.getByLabel("denoise", { exact: true }).inputValue()).toBe("0.35");
  expect(await page.getByRole("textbox", { name: "Prompt", exact: true }).inputValue()).toBe(
    "a lighthouse",
  );
});
