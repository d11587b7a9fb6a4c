import { expect, test } from "vitest";
import { maskState, notice, ready, stroke, useBrowser } from "./support/page";

const { open } = useBrowser();

test("paints, undoes, redoes, erases and clears with the mouse", async () => {
  const page = await open();
  await ready(page);
  await page.getByRole("button", { name: "Clear the mask" }).click();
  expect(await maskState(page)).toEqual({ painted: false, canUndo: true, canRedo: false });
  await stroke(page, [0.4, 0.5], [0.6, 0.5]);
  expect(await maskState(page)).toMatchObject({ painted: true });
  await page.getByRole("button", { name: "Undo" }).click();
  expect(await maskState(page)).toEqual({ painted: false, canUndo: true, canRedo: true });
  await page.keyboard.press("Control+Shift+z");
  expect(await maskState(page)).toMatchObject({ painted: true, canRedo: false });
  await page.keyboard.press("e");
  for (let i = 0; i < 12; i++) await page.keyboard.press("]");
  await stroke(page, [0.4, 0.5], [0.6, 0.5]);
  expect(await maskState(page)).toMatchObject({ painted: false });
});

test("a mask with nothing painted is answered with a sentence", async () => {
  const page = await open();
  await ready(page);
  await page.getByRole("button", { name: "Clear the mask" }).click();
  await page.getByRole("button", { name: "Detail" }).click();
  expect(await notice(page)).toBe("Nothing is painted. Paint over what should be redrawn.");
  await stroke(page, [0.5, 0.5], [0.55, 0.5]);
  await expect.poll(() => page.locator(".notice").count()).toBe(0);
});

test("zooms with the wheel, moves with the space bar, fits again", async () => {
  const page = await open();
  await ready(page);
  const zoom = page.locator(".zoom");
  const fitted = await zoom.textContent();
  await page.mouse.move(500, 450);
  await page.mouse.wheel(0, -400);
  await expect.poll(() => zoom.textContent()).not.toBe(fitted);
  const before = await maskState(page);
  await page.keyboard.down("Space");
  await stroke(page, [0.3, 0.3], [0.5, 0.6]);
  await page.keyboard.up("Space");
  expect(await maskState(page)).toEqual(before);
  await page.keyboard.press("0");
  await expect.poll(() => zoom.textContent()).toBe(fitted);
});

test("paints with a finger; a second finger zooms and leaves no paint", async () => {
  const page = await open({ hasTouch: true });
  await ready(page);
  await page.getByRole("button", { name: "Clear the mask" }).click();
  const client = await page.context().newCDPSession(page);
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", ...points: [number, number][]) =>
    client.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: points.map(([x, y], id) => ({ x, y, id })),
    });

  const zoom = page.locator(".zoom");
  const fitted = await zoom.textContent();
  await touch("touchStart", [400, 400]);
  await touch("touchStart", [400, 400], [600, 400]);
  await touch("touchMove", [300, 400], [700, 400]);
  await touch("touchEnd");
  expect(await maskState(page)).toMatchObject({ painted: false });
  await expect.poll(() => zoom.textContent()).not.toBe(fitted);

  await touch("touchStart", [400, 400]);
  await touch("touchMove", [460, 430]);
  await touch("touchEnd");
  await expect.poll(async () => (await maskState(page)).painted).toBe(true);
});

test("brush size follows the bracket keys and keeps within its limits", async () => {
  const page = await open();
  await ready(page);
  const size = page.locator("output.size");
  const start = Number.parseInt((await size.textContent()) ?? "", 10);
  await page.keyboard.press("]");
  expect(Number.parseInt((await size.textContent()) ?? "", 10)).toBeGreaterThan(start);
  for (let i = 0; i < 25; i++) await page.keyboard.press("[");
  expect(await size.textContent()).toBe("1 px");
});
