import { expect, test } from "vitest";
import { ready, setSteps, useBrowser } from "./support/page";

const { open } = useBrowser();

test("the second visit works with the network off, detailing included", async () => {
  const page = await open();
  await page.evaluate(() => navigator.serviceWorker.ready);
  // The worker is in charge only once everything it keeps has been stored.
  await expect
    .poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null), {
      timeout: 30_000,
    })
    .toBe(true);
  await page.context().setOffline(true);
  await page.reload();
  await ready(page);
  await setSteps(page, 1);
  await page.getByRole("button", { name: "Detail" }).click();
  await page.locator('canvas[data-phase="done"]').waitFor();
});

test("the page can be installed", async () => {
  const page = await open();
  const client = await page.context().newCDPSession(page);
  const { errors } = await client.send("Page.getAppManifest");
  expect(errors).toEqual([]);
  const { installabilityErrors } = await client.send("Page.getInstallabilityErrors");
  // A private window is no place to install into; that is the test's, not the page's.
  expect(installabilityErrors.filter(({ errorId }) => errorId !== "in-incognito")).toEqual([]);
});
