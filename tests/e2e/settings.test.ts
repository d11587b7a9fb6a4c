import { expect, test } from "vitest";
import { notice, ready, useBrowser } from "./support/page";

const { open } = useBrowser();

test("what cannot be used is named at its field and keeps a run from starting", async () => {
  const page = await open();
  await ready(page);
  const cases: [string, string, string][] = [
    ["denoise", "NaN", "denoise must be a number from 0.0001 to 1."],
    ["denoise", "much", "denoise must be a number from 0.0001 to 1."],
    ["denoise", "", "denoise must be a number from 0.0001 to 1."],
    ["denoise", "1.5", "denoise must be between 0.0001 and 1."],
    ["guide_size", "0", "guide_size must be between 64 and 16384."],
    ["steps", "2.5", "steps must be a whole number."],
    ["seed", "-1", "seed must be a whole number from 0 to 18446744073709551615."],
    ["seed", "18446744073709551616", "seed must be a whole number from 0 to 18446744073709551615."],
  ];
  for (const [name, typed, sentence] of cases) {
    const field = page.getByLabel(name, { exact: true });
    const before = await field.inputValue();
    await field.fill(typed);
    expect(await page.locator(`#setting-${name}-problem`).textContent()).toBe(sentence);
    expect(await field.getAttribute("aria-invalid")).toBe("true");
    await page.getByRole("button", { name: "Detail" }).click();
    expect(await notice(page)).toBe(sentence);
    await field.fill(before);
    expect(await page.locator(".notice").count()).toBe(0);
  }
});

test("shows the model's recommendations as such, and the node's defaults on request", async () => {
  const page = await open();
  await ready(page);
  const guide = page.getByLabel("guide_size", { exact: true });
  expect(await guide.inputValue()).toBe("128");
  expect(await page.locator("#setting-guide_size-origin").textContent()).toBe(
    "Recommended by the model · node default 512",
  );
  await page.getByRole("button", { name: "Use the node's defaults" }).click();
  expect(await guide.inputValue()).toBe("512");
  await page.getByRole("button", { name: "Use the model's recommendation" }).click();
  expect(await guide.inputValue()).toBe("128");
});

test("each node shows the settings it has", async () => {
  const page = await open();
  await ready(page);
  await page.getByText("More settings").click();
  const force = page.getByLabel("force_inpaint", { exact: true });
  expect(await force.isVisible()).toBe(false);
  await page.getByText("DetailerForEach", { exact: true }).click();
  expect(await force.isVisible()).toBe(true);
});

test("every control has a name a screen reader can say", async () => {
  const page = await open();
  await ready(page);
  const nameless = await page.evaluate(() =>
    [...document.querySelectorAll("button, input:not([type=file]), select, textarea, canvas")]
      .filter((control) => {
        const labels = "labels" in control ? [...((control.labels as NodeList | null) ?? [])] : [];
        const text = [
          control.getAttribute("aria-label"),
          control.textContent,
          ...labels.map((l) => l.textContent),
        ];
        return !text.some((part) => part?.trim());
      })
      .map((control) => control.outerHTML),
  );
  expect(nameless).toEqual([]);
});
