import { expect, test } from "vitest";
import { notice, QUERY, ready, setSteps, useBrowser } from "./support/page";

const { open } = useBrowser();

test("without WebGPU it says how to get it and goes on with the CPU", async () => {
  const page = await open({
    query: QUERY.includes("fake") ? QUERY : "",
    before: () => Object.defineProperty(navigator, "gpu", { value: undefined }),
  });
  expect(await notice(page)).toMatch(
    /^This browser does not offer WebGPU\. Chrome, Edge and Opera have it .* goes on with the CPU, which is slower\.$/,
  );
  await ready(page);
  await page.locator(".device-details summary").click();
  await expect.poll(() => page.locator(".popover").textContent()).toContain("CPU");
  await page.getByRole("button", { name: "Close this message" }).click();
  await setSteps(page, 1);
  await page.getByRole("button", { name: "Detail" }).click();
  await page.locator('canvas[data-phase="done"]').waitFor();
});

test("with WebGPU it names the adapter", async () => {
  const page = await open({ query: QUERY.includes("fake") ? QUERY : "" });
  await ready(page);
  expect(await page.locator(".notice").count()).toBe(0);
  expect(await page.locator(".chip-text").textContent()).toMatch(/^(Software adapter|\S.+)$/);
});
