import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import type { Page } from "playwright-core";
import type { NodeName } from "../../www/src/engine/protocol";
import { textOf } from "../../www/src/lib/png-text";
import { chooseAll, chooseNode, ready, saved, setSteps, stroke, useBrowser } from "./support/page";

const { open } = useBrowser();

const NODES: readonly { node: NodeName; frames: boolean; pastes: boolean }[] = [
  { node: "MaskDetailerPipe", frames: false, pastes: true },
  { node: "DetailerForEach", frames: false, pastes: true },
  { node: "SEGSDetailer", frames: false, pastes: false },
  { node: "SEGSDetailerForAnimateDiff", frames: true, pastes: false },
  { node: "DetailerForEachPipeForAnimateDiff", frames: true, pastes: true },
];

/** The sample twice, as a clip, with a spot painted on it. */
async function openFrames(page: Page): Promise<void> {
  const buffer = await readFile("models/portrait/sample.png");
  const frames = ["f2.png", "f10.png"].map((name) => ({ name, mimeType: "image/png", buffer }));
  await chooseAll(page, frames);
  await page.getByRole("radio", { name: "Frame 2 of 2" }).waitFor();
  await stroke(page, [0.47, 0.4], [0.53, 0.46]);
}

async function detail(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^Detail/ }).click();
  await page.locator('canvas[data-phase="done"]').waitFor();
}

describe.each(NODES)("$node", ({ node, frames, pastes }) => {
  test("is chosen, run, and hands out what it gives", async () => {
    const page = await open();
    await ready(page);
    if (frames) await openFrames(page);
    await chooseNode(page, node);
    await setSteps(page, 2);
    await detail(page);
    expect(await page.locator(".run-line").textContent()).toMatch(/^1 segment redrawn in \d+ s$/);

    if (pastes) {
      expect(await page.getByRole("slider", { name: "Before and after" }).isVisible()).toBe(true);
      const [name, png] = await saved(page, "Download PNG");
      expect(name).toMatch(/-burnished\.png$/);
      expect(JSON.parse(textOf(new Uint8Array(png), "burnish") ?? "{}")).toMatchObject({ node });
      await page.getByRole("button", { name: "Crops" }).click();
    }
    // Without a paste the crops are there by themselves.
    const count = await page.locator(".crops li").count();
    expect(count).toBe(frames ? 2 : 1);
    const [crop] = await saved(page, /^Save .*\.png$/);
    expect(crop).toMatch(/-refined-1\.png$/);

    const [document, text] = await saved(page, "Segments JSON");
    expect(document).toMatch(/-segments\.json$/);
    const segs: unknown = JSON.parse(text.toString());
    expect(segs).toMatchObject({ schema: "burnish.segs", version: 1, segments: [{}] });
    expect(await page.getByRole("radio", { name: "Frame 2 of 2" }).count()).toBe(frames ? 1 : 0);
  });
});

test("the mask's segments are saved, opened in its place and redrawn", async () => {
  const page = await open();
  await ready(page);
  const [name, text] = await saved(page, "Save as JSON");
  expect(name).toBe("sample-segments.json");
  await page.getByRole("button", { name: "Clear the mask" }).click();
  await chooseAll(page, [{ name, mimeType: "application/json", buffer: text }]);
  const line = page.locator("#segments-line");
  await expect.poll(() => line.textContent()).toContain("One from “sample-segments.json”");

  await chooseNode(page, "SEGSDetailer");
  await setSteps(page, 1);
  await detail(page);
  expect(await page.locator(".crops li").count()).toBe(1);
  await page.getByRole("button", { name: "Back to painting" }).click();
  await page.getByRole("button", { name: "Use the painted mask" }).click();
  expect(await line.textContent()).toBe("Every painted spot is one.");
});

test("frames are walked through with the keyboard", async () => {
  const page = await open();
  await ready(page);
  await openFrames(page);
  await page.getByRole("radio", { name: "Frame 1 of 2" }).focus();
  await page.keyboard.press("ArrowRight");
  const second = page.getByRole("radio", { name: "Frame 2 of 2" });
  await expect.poll(() => second.getAttribute("aria-checked")).toBe("true");
  await expect.poll(() => second.evaluate((frame) => frame === document.activeElement)).toBe(true);
});
