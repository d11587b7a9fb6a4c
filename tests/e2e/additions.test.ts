import { expect, test } from "vitest";
import type { Page } from "playwright-core";
import { safetensors } from "../support/safetensors";
import { notice, ready, setSteps, useBrowser } from "./support/page";

const { open } = useBrowser();

/** Values a token of the embedded model has. */
const WIDTH = 64;

async function add(page: Page, name: string, shape: readonly number[]): Promise<void> {
  const buffer = safetensors({ emb_params: { shape, fill: 0.1 } });
  const file = { name, mimeType: "application/octet-stream", buffer };
  await page.locator("#embeddings input").setInputFiles(file);
}

test("embeddings are added, used in a prompt, and removed", async () => {
  const page = await open();
  await ready(page);
  const items = page.locator("#embeddings li");
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

test("what is no embedding, or one for another model, is named", async () => {
  const page = await open();
  await ready(page);
  await add(page, "odd.safetensors", [2, 3, WIDTH]);
  expect(await notice(page)).toContain('"odd.safetensors" is no textual-inversion embedding');
  expect(await page.locator("#embeddings li").count()).toBe(0);
  await page.getByRole("button", { name: "Close this message" }).click();

  await add(page, "wide.safetensors", [2, 768]);
  await page.locator("#embeddings li").waitFor();
  await page.locator("#prompt-text").fill("embedding:wide");
  await page.getByRole("button", { name: /^Detail/ }).click();
  await expect
    .poll(() => notice(page))
    .toMatch(/emb_params.*wide\.safetensors.*\[2, 768\], \[2, 64\]/);
});
