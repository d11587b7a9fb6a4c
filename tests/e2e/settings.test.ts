import { expect, test } from "vitest";
import { chooseNode, notice, ready, useBrowser } from "./support/page";

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
  await chooseNode(page, "DetailerForEach");
  expect(await force.isVisible()).toBe(true);
  expect(await page.getByLabel("max_size", { exact: true }).inputValue()).toBe("192");
  await page.getByRole("button", { name: "Use the node's defaults" }).click();
  expect(await page.getByLabel("max_size", { exact: true }).inputValue()).toBe("1024");
  await chooseNode(page, "SEGSDetailer");
  expect(await page.getByLabel("max_size", { exact: true }).inputValue()).toBe("768");
});

test("hooks are added, ordered and removed with the keyboard", async () => {
  const page = await open();
  await ready(page);
  await page.getByText("More settings").press("Enter");
  const hooks = page.locator(".field.hooks");
  const types = () => hooks.locator(".draft-head .label").allTextContents();
  const add = page.getByLabel("detailer_hook", { exact: true });
  await add.selectOption("noise_injection");
  await add.selectOption("denoise_schedule");
  expect(await types()).toEqual(["noise_injection", "denoise_schedule"]);
  await page.getByRole("button", { name: "Move denoise_schedule up" }).press("Enter");
  expect(await types()).toEqual(["denoise_schedule", "noise_injection"]);
  const strength = page.getByLabel("start_strength", { exact: true });
  await strength.fill("1000");
  expect(await hooks.locator(".problem").allTextContents()).toContain(
    "detailer_hook 2, noise_injection: start_strength must be between 0 and 200.",
  );
  await page.getByRole("button", { name: "Detail" }).click();
  expect(await notice(page)).toContain("start_strength must be between 0 and 200.");
  await page.getByRole("button", { name: "Remove noise_injection" }).press("Enter");
  expect(await types()).toEqual(["denoise_schedule"]);
  expect(await page.locator(".notice").count()).toBe(0);
});

test("wildcard files are added, kept over a reload, and removed", async () => {
  const page = await open();
  await ready(page);
  await chooseNode(page, "DetailerForEach");
  await page.getByText("More settings").click();
  await page.getByLabel("wildcard", { exact: true }).fill("{red|blue} hair, __moods__");
  const add = page.locator("#wildcard-files input");
  await add.setInputFiles({
    name: "moods.txt",
    mimeType: "text/plain",
    buffer: Buffer.from("happy\nsad\n"),
  });
  await page.getByRole("button", { name: "Remove moods.txt" }).waitFor();
  await add.setInputFiles({
    name: "moods.bin",
    mimeType: "text/plain",
    buffer: Buffer.from("x"),
  });
  expect(await notice(page)).toContain("“moods.bin” is no wildcard file.");
  await page.waitForTimeout(300);
  await page.reload();
  await ready(page);
  await page.getByText("More settings").click();
  expect(await page.getByLabel("wildcard", { exact: true }).inputValue()).toContain("__moods__");
  await page.getByRole("button", { name: "Remove moods.txt" }).click();
  expect(await page.locator("#wildcard-files li").count()).toBe(0);
});

test("a refiner is loaded and given up", async () => {
  const page = await open();
  await ready(page);
  await page.getByText("More settings").click();
  const slot = page.locator("#refiner");
  await slot.locator("input").setInputFiles("models/portrait/portrait.safetensors");
  await expect.poll(() => slot.locator(".slot-name").textContent()).toBe("portrait.safetensors");
  await slot.getByRole("button", { name: "Remove" }).click();
  await expect.poll(() => slot.locator(".slot-name").textContent()).toBe("No refiner.");
});

test("every control has a name a screen reader can say", async () => {
  const page = await open();
  await ready(page);
  await page.getByText("More settings").click();
  await page.getByLabel("detailer_hook", { exact: true }).selectOption("unsampler");
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
