import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { textOf } from "../../www/src/lib/png-text";
import { maskState, notice, ready, setSteps, useBrowser } from "./support/page";

const { open } = useBrowser();

const detail = (page: Page) => page.getByRole("button", { name: /^Detail/ });
const cancel = (page: Page) => page.getByRole("button", { name: "Cancel" });
const done = (page: Page) => page.locator('canvas[data-phase="done"]').waitFor();

test("details the sample, shows how far it is, and hands out the result", async () => {
  const page = await open();
  await ready(page);
  await setSteps(page, 4);
  await detail(page).click();
  await page.getByText(/Step \d of 4/).waitFor();
  await done(page);
  expect(await page.locator(".run-line").textContent()).toMatch(/^1 segment redrawn in \d+ s$/);

  const slider = page.getByRole("slider", { name: "Before and after" });
  await slider.press("ArrowRight");
  expect(await slider.getAttribute("aria-valuenow")).toBe("52");

  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download PNG" }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe("sample-burnished.png");
  const png = new Uint8Array(await readFile(await file.path()));
  const recipe: unknown = JSON.parse(textOf(png, "burnish") ?? "null");
  expect(recipe).toMatchObject({
    node: "MaskDetailerPipe",
    settings: { steps: 4, denoise: 0.5 },
    report: { max_change_outside_mask: 0 },
  });
});

test("cancels half-way, keeps mask and settings, and details again", async () => {
  const page = await open();
  await ready(page);
  await setSteps(page, 40);
  await detail(page).click();
  await page.getByText(/Step \d+ of 40/).waitFor();
  await cancel(page).click();
  await page.locator('canvas[data-phase="ready"]').waitFor();
  expect(await notice(page)).toBe("Cancelled. Your mask and settings are as they were.");
  expect(await maskState(page)).toMatchObject({ painted: true });
  expect(await page.getByLabel("steps", { exact: true }).inputValue()).toBe("40");
  await setSteps(page, 2);
  await detail(page).click();
  await done(page);
});

test("refuses a second run while one is going on", async () => {
  const page = await open();
  await ready(page);
  await setSteps(page, 40);
  await detail(page).click();
  await cancel(page).waitFor();
  expect(await detail(page).count()).toBe(0);
  await page.keyboard.press("Control+Enter");
  expect(await notice(page)).toBe("A run is going on. Wait for it or cancel it.");
  await page.keyboard.press("Escape");
  await page.locator('canvas[data-phase="ready"]').waitFor();
});

test("goes on from the result, with an empty mask", async () => {
  const page = await open();
  await ready(page);
  await setSteps(page, 1);
  await detail(page).click();
  await done(page);
  await page.getByRole("button", { name: "Continue from the result" }).click();
  await page.locator('canvas[data-phase="ready"]').waitFor();
  expect(await maskState(page)).toEqual({ painted: false, canUndo: false, canRedo: false });
});
