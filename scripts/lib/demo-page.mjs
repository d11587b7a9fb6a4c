// What both demos do with the page.

/** Clicks on Detail and waits until the run is over; fails as it failed. */
export async function detail(page, patienceMs) {
  await page.getByRole("button", { name: /^Detail/ }).click();
  const canvas = page.locator('canvas[data-phase="done"], canvas[data-phase="failed"]');
  await canvas.waitFor({ timeout: patienceMs });
  if ((await canvas.getAttribute("data-phase")) === "failed") {
    throw new Error(await page.locator(".notice p").textContent());
  }
}

/** Saves at `path` what a click on the button called `name` downloads. */
export async function save(page, name, path) {
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name }).first().click();
  await (await download).saveAs(path);
}
