/** Opens the page in Chromium and watches its console. */

import { readFile } from "node:fs/promises";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, inject } from "vitest";
import type { NodeName } from "../../../www/src/engine/protocol";
// @ts-expect-error plain JavaScript, without declarations
import { chromiumArguments, findChromium } from "../../../scripts/lib/chromium.mjs";

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

interface Options extends BrowserContextOptions {
  /** Added to the address; the CPU build is the default, as it needs no adapter. */
  query?: string;
  /** A page other than the built one. */
  address?: string;
  /** Downloads fail in this test, of which the browser tells on its console. */
  losesFiles?: boolean;
  /** Runs in the page before its own scripts. */
  before?: () => void;
}

/** How long anything may take: sampling on a busy processor is slow, and a hang still fails. */
const PATIENCE_MS = 120_000;

/** The engine most flows run on. */
export const QUERY = process.env.BURNISH_ENGINE === "fake" ? "engine=fake" : "backend=cpu";

/** Starts a browser for the tests of a file; `open` gives a fresh visitor's page. */
export function useBrowser() {
  let browser: Browser;
  let errors: string[] = [];
  const pages: Page[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArguments() });
  });
  afterEach(async () => {
    for (const page of pages.splice(0)) await page.context().close();
    const seen = errors;
    errors = [];
    expect(seen, "messages in the browser's console").toEqual([]);
  });
  afterAll(() => browser.close());

  async function open({
    query = QUERY,
    address,
    before,
    losesFiles = false,
    ...options
  }: Options = {}): Promise<Page> {
    const context = await browser.newContext({ viewport: DESKTOP, ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    if (before) await context.addInitScript(before);
    const page = await context.newPage();
    pages.push(page);
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("console", (message) => {
      const isTold = losesFiles && /^Failed to load resource|CORS policy/.test(message.text());
      if (message.type() === "error" && !isTold) errors.push(message.text());
    });
    await page.goto(address ?? `${inject("address")}?${query}`);
    return page;
  }
  return { open };
}

/** Waits until the model is loaded and a picture is there. */
export async function ready(page: Page): Promise<void> {
  await page.locator('details[data-engine="ready"]').waitFor();
  await page.locator('canvas[data-phase="ready"]').waitFor();
}

/** Opens the dialog of models from the chip in the header. */
export async function models(page: Page) {
  const dialog = page.getByRole("dialog", { name: "Models" });
  if (!(await dialog.isVisible())) {
    await page.locator(".device-details summary").click();
    await page.getByRole("button", { name: "Models…" }).click();
  }
  const said = (): Promise<string | null> => dialog.locator(".model-said p").textContent();
  const row = dialog.getByRole("list", { name: "Stored models" }).getByRole("listitem");
  return { dialog, said, row };
}

/** Few steps, so that a flow takes seconds. */
/** Reloads without a network, and sees that `model` is the one that is loaded. */
export async function offlineWith(page: Page, model: string): Promise<void> {
  await expect
    .poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null))
    .toBe(true);
  await page.context().setOffline(true);
  await page.reload();
  await ready(page);
  await page.locator(".device-details summary").click();
  expect(await page.locator(".popover").textContent()).toContain(model);
  await page.locator(".device-details summary").click();
}

export async function setSteps(page: Page, steps: number): Promise<void> {
  await page.getByLabel("steps", { exact: true }).fill(String(steps));
}

/** Chooses the node to run. */
export async function chooseNode(page: Page, name: NodeName): Promise<void> {
  await page.getByLabel("Node", { exact: true }).selectOption(name);
}

/** What the page tells the user, or waits until it does. */
export async function notice(page: Page): Promise<string> {
  return (await page.locator(".notice p").textContent()) ?? "";
}

/** Gives `files` to the picker of the page. */
export async function choose(page: Page, name: string, bytes: Uint8Array): Promise<void> {
  const mimeType = "application/octet-stream";
  await chooseAll(page, [{ name, mimeType, buffer: Buffer.from(bytes) }]);
}

/** Gives several files to the picker of the page. */
export async function chooseAll(
  page: Page,
  files: { name: string; mimeType: string; buffer: Buffer }[],
): Promise<void> {
  await page.locator('#upload input[type="file"]').setInputFiles(files);
}

/** Saves what a click on the button called `name` downloads; gives its name and bytes. */
export async function saved(page: Page, name: string | RegExp): Promise<[string, Buffer]> {
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name }).first().click();
  const file = await download;
  return [file.suggestedFilename(), await readFile(await file.path())];
}

/** Drags the mouse over the stage; shares of its width and height. */
export async function stroke(page: Page, ...points: [number, number][]): Promise<void> {
  const box = await page.locator("canvas.canvas").boundingBox();
  if (!box) throw new Error("no canvas");
  const at = ([x, y]: [number, number]) => [box.x + x * box.width, box.y + y * box.height] as const;
  await page.mouse.move(...at(points[0]!));
  await page.mouse.down();
  for (const point of points) await page.mouse.move(...at(point), { steps: 4 });
  await page.mouse.up();
}

/** Whether the mask has paint and what can be undone, by the buttons' state. */
export async function maskState(page: Page) {
  const enabled = (name: string) => page.getByRole("button", { name }).isEnabled();
  return {
    painted: await enabled("Clear the mask"),
    canUndo: await enabled("Undo"),
    canRedo: await enabled("Redo"),
  };
}
