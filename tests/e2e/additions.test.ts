import { expect, test } from "vitest";
import type { Page } from "playwright-core";
import { pixelHash } from "../support/png";
import { safetensors } from "../support/safetensors";
import { taesdDecoder } from "../support/taesd";
import { models, notice, ready, saved, setSteps, useBrowser } from "./support/page";

const { open } = useBrowser();

/** Values a token of the embedded model has. */
const WIDTH = 64;

async function add(page: Page, name: string, shape: readonly number[]): Promise<void> {
  const buffer = safetensors({ emb_params: { shape, fill: 0.1 } });
  const file = { name, mimeType: "application/octet-stream", buffer };
  await page.locator("#additions input").setInputFiles(file);
}

test("embeddings are added, used in a prompt, and removed", async () => {
  const page = await open();
  await ready(page);
  const items = page.locator("#additions li");
  await add(page, "mood.safetensors", [3, WIDTH]);
  await expect.poll(() => items.textContent()).toBe("embedding:mood (3 tokens)");
  await page.locator("#prompt-text").fill("a man, (embedding:mood:1.2)");
  await setSteps(page, 1);
  await page.getByRole("button", { name: /^Detail/ }).click();
  await page.locator('canvas[data-phase="done"]').waitFor();
  await page.getByRole("button", { name: "Back to painting" }).click();
  await page.getByRole("button", { name: "Remove mood" }).click();
  await expect.poll(() => items.count()).toBe(0);
});

test("a LoRA is added, asked for in a prompt, and changes the result", async () => {
  const page = await open();
  await ready(page);
  const layer = "lora_unet_down_blocks_0_attentions_0_proj_in";
  const buffer = safetensors({
    [`${layer}.lora_down.weight`]: { shape: [2, WIDTH], fill: 1 },
    [`${layer}.lora_up.weight`]: { shape: [WIDTH, 2], fill: 1 },
    "lora_unet_nowhere.lora_down.weight": { shape: [2, WIDTH], fill: 1 },
    "lora_unet_nowhere.lora_up.weight": { shape: [WIDTH, 2], fill: 1 },
  });
  const file = { name: "style.safetensors", mimeType: "application/octet-stream", buffer };
  await page.locator("#additions input").setInputFiles(file);
  const items = page.locator("#additions li");
  await expect.poll(() => items.textContent()).toBe("<lora:style:1> (changes 1 tensor)");
  expect(await notice(page)).toContain("Write <lora:style:1> in a prompt to use it. 2 of its");

  await page.getByLabel("steps", { exact: true }).fill("1");
  const results: string[] = [];
  for (const prompt of ["a man", "a man <lora:style:1>", "a man <lora:other:1>"]) {
    await page.locator("#prompt-text").fill(prompt);
    await page.getByRole("button", { name: /^Detail/ }).click();
    await page.locator('canvas[data-phase="done"]').waitFor();
    const [, png] = await saved(page, "Download PNG");
    results.push(pixelHash(png));
    await page.getByRole("button", { name: "Back to painting" }).click();
  }
  expect(results[1]).not.toBe(results[0]);
  expect(results[2]).toBe(results[0]);
  expect(await notice(page)).toBe('The LoRA "other" is left out: there is no file of that name.');
});

test("what is no embedding, or one for another model, is named", async () => {
  const page = await open();
  await ready(page);
  await add(page, "odd.safetensors", [2, 3, WIDTH]);
  expect(await notice(page)).toContain('"odd.safetensors" is ');
  expect(await page.locator("#additions li").count()).toBe(0);
  await page.getByRole("button", { name: "Close this message" }).click();

  await add(page, "wide.safetensors", [2, 768]);
  await page.locator("#additions li").waitFor();
  await page.locator("#prompt-text").fill("embedding:wide");
  await page.getByRole("button", { name: /^Detail/ }).click();
  await expect
    .poll(() => notice(page))
    .toMatch(/emb_params.*wide\.safetensors.*\[2, 768\], \[2, 64\]/);
});

/** Remembers how wide the pictures are that the page makes: those of previews as well. */
function watchWidths(): void {
  const widths: number[] = [];
  window.ImageData = new Proxy(ImageData, {
    construct(target, given) {
      const made = Reflect.construct(target, given) as ImageData;
      widths.push(made.width);
      return made;
    },
  });
  Object.assign(window, { widths });
}

test("a TAESD decoder paints previews, is there again after a reload, and stops", async () => {
  const page = await open({ before: watchWidths });
  await ready(page);
  await setSteps(page, 1);
  /** Previews are squares, the crops of the sample 128 or 16 a side. */
  const widths = async (): Promise<Set<number>> => {
    await page.evaluate(() => ((window as unknown as { widths: number[] }).widths.length = 0));
    await page.getByRole("button", { name: "Detail", exact: true }).click();
    await page.locator('canvas[data-phase="done"]').waitFor();
    await page.getByRole("button", { name: "Back to painting" }).click();
    return new Set(await page.evaluate(() => (window as unknown as { widths: number[] }).widths));
  };
  const cells = await widths();
  const [small] = [...cells].filter((width) => width < 64);
  expect(small, "a preview of a pixel for each cell").toBeGreaterThan(8);

  const mimeType = "application/octet-stream";
  const encoder = safetensors({
    "0.weight": { shape: [64, 3, 3, 3], fill: 0 },
    "1.conv.0.weight": { shape: [64, 64, 3, 3], fill: 0 },
  });
  const input = page.locator("#additions input");
  await input.setInputFiles({ name: "taesd_encoder.safetensors", mimeType, buffer: encoder });
  await expect
    .poll(() => notice(page))
    .toMatch(/"taesd_encoder.safetensors" is a .*TAESD encoder.*the decoder is needed for that/);
  const name = "taesd_decoder.safetensors";
  await input.setInputFiles({ name, mimeType, buffer: taesdDecoder() });
  await expect
    .poll(() => notice(page))
    .toContain("It paints the previews of runs with a checkpoint of Stable Diffusion 1.x");
  const items = page.locator("#additions li");
  expect(await items.textContent()).toContain("Previews by taesd_decoder");
  const fine = await widths();
  expect([fine.has(small!), fine.has(8 * small!)], "as large as the crop").toEqual([false, true]);

  const { row, dialog } = await models(page);
  await expect.poll(() => row.textContent()).toMatch(/taesd_decoder.*In use.*TAESD decoder/);
  await page.reload();
  await ready(page);
  await expect.poll(() => items.textContent()).toContain("Previews by taesd_decoder");
  expect((await widths()).has(8 * small!), "after a reload").toBe(true);

  const other = await page.context().newPage();
  await other.goto(page.url());
  await ready(other);
  const theirs = await models(other);
  await other.getByRole("button", { name: `Delete ${name}` }).click();
  await expect.poll(() => theirs.dialog.textContent()).toContain("is in use in another tab");
  await other.close();
  await models(page);
  await page.getByRole("button", { name: `Stop using ${name}` }).click();
  await expect.poll(() => row.textContent()).not.toContain("In use");
  await dialog.getByRole("button", { name: "Close the models" }).click();
  expect(await items.count()).toBe(0);
  expect((await widths()).has(small!), "previews of cells again").toBe(true);
});
