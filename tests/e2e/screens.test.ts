import { mkdir } from "node:fs/promises";
import { expect, test } from "vitest";
import { DESKTOP, PHONE, ready, setSteps, useBrowser } from "./support/page";

const { open } = useBrowser();
const folder = "out/screens";

test.each([
  ["desktop", DESKTOP, "dark"],
  ["desktop-light", DESKTOP, "light"],
  ["phone", PHONE, "light"],
] as const)(
  "looks right on a %s (pictures in out/screens)",
  async (name, viewport, colorScheme) => {
    await mkdir(folder, { recursive: true });
    const page = await open({ viewport, colorScheme, hasTouch: name === "phone" });
    await ready(page);
    const widest = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(widest, "nothing sticks out sideways").toBeLessThanOrEqual(viewport.width);
    await page.screenshot({ path: `${folder}/${name}-ready.png` });
    // Enough of them that one is still on when the picture is taken.
    await setSteps(page, 30);
    await page.getByRole("button", { name: "Detail" }).click();
    await page.getByText(/Step \d+ of 30/).waitFor();
    await page.screenshot({ path: `${folder}/${name}-running.png` });
    await page.locator('canvas[data-phase="done"]').waitFor();
    await page.screenshot({ path: `${folder}/${name}-done.png` });
    const save = await page.getByRole("button", { name: /^Download/ }).boundingBox();
    expect((save?.x ?? 0) + (save?.width ?? 0)).toBeLessThanOrEqual(viewport.width);
  },
);
