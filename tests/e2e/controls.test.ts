import { mkdir, readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { textOf } from "../../www/src/lib/png-text";
import { tinyPng } from "../support/png";
import { safetensors } from "../support/safetensors";
import { DESKTOP, notice, PHONE, ready, saved, setSteps, useBrowser } from "./support/page";

const { open } = useBrowser();

type Shapes = Record<string, readonly number[]>;

/** Shapes of the page's own UNet, below its prefix. */
async function unetShapes(): Promise<Shapes> {
  const PREFIX = "model.diffusion_model.";
  const file = await readFile("models/portrait/portrait.safetensors");
  const header = JSON.parse(
    file.subarray(8, 8 + Number(file.readBigUInt64LE(0))).toString(),
  ) as Record<string, { shape: number[] }>;
  const own = Object.entries(header).filter(([path]) => path.startsWith(PREFIX));
  return Object.fromEntries(own.map(([path, { shape }]) => [path.slice(PREFIX.length), shape]));
}

/** A ControlNet for that UNet, the same numbers throughout. */
async function controlNet(): Promise<Buffer> {
  const unet = await unetShapes();
  const shapes: Shapes = Object.fromEntries(
    Object.entries(unet).filter(([path]) => /^(time_embed|input_blocks|middle_block)\./.test(path)),
  );
  const layer = (path: string, weight: readonly number[]): void => {
    Object.assign(shapes, { [`${path}.weight`]: weight, [`${path}.bias`]: [weight[0]!] });
  };
  const channels = unet["input_blocks.0.0.weight"]![0]!;
  const hint = [3, 16, 16, 32, 32, 96, 96, 256, channels];
  hint.slice(1).forEach((out, at) => layer(`input_hint_block.${2 * at}`, [out, hint[at]!, 3, 3]));
  let width = channels;
  for (let at = 0; ; at += 1) {
    const block = `input_blocks.${at}.`;
    if (!Object.keys(unet).some((path) => path.startsWith(block))) break;
    width = unet[`${block}0.out_layers.3.weight`]?.[0] ?? width;
    layer(`zero_convs.${at}.0`, [width, width, 1, 1]);
  }
  layer("middle_block_out.0", [width, width, 1, 1]);
  return safetensors(
    Object.fromEntries(
      Object.entries(shapes).map(([path, shape]) => [
        `control_model.${path}`,
        { shape, fill: 0.01 },
      ]),
    ),
  );
}

async function add(page: Page, name: string): Promise<void> {
  const file = { name, mimeType: "application/octet-stream", buffer: await controlNet() };
  await page.locator("#additions input").setInputFiles(file);
  await page.getByRole("group", { name }).waitFor();
}

/** Details once; gives the picture and what it says of its ControlNets. */
async function detail(page: Page): Promise<{ png: Buffer; nets: unknown }> {
  await page.getByRole("button", { name: /^Detail/ }).click();
  await page.locator('canvas[data-phase="done"]').waitFor();
  const [, png] = await saved(page, "Download PNG");
  await page.getByRole("button", { name: "Back to painting" }).click();
  const { control_nets: nets } = JSON.parse(textOf(new Uint8Array(png), "burnish") ?? "{}") as {
    control_nets?: unknown;
  };
  return { png, nets };
}

test("a ControlNet is added, guides by strength, and is removed (pictures in out/screens)", async () => {
  const page = await open();
  await ready(page);
  await setSteps(page, 1);
  const plain = await detail(page);
  expect(plain.nets).toBeUndefined();

  await add(page, "my canny.safetensors");
  expect(await notice(page)).toContain("It guides every run.");
  const card = page.getByRole("group", { name: "my canny.safetensors" });
  expect(await card.getByLabel("picture", { exact: true }).inputValue()).toBe("canny");
  await mkdir("out/screens", { recursive: true });
  for (const [name, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
    await page.setViewportSize(viewport);
    await card.scrollIntoViewIfNeeded();
    await page.screenshot({ path: `out/screens/controls-${name}.png` });
    const box = await card.boundingBox();
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(viewport.width);
  }
  await page.setViewportSize(DESKTOP);

  const guided = await detail(page);
  const net = { name: "my canny.safetensors", strength: 1, start_percent: 0, end_percent: 1 };
  expect(guided.nets).toEqual([{ ...net, preprocessor: { type: "canny" } }]);
  expect(guided.png.equals(plain.png)).toBe(false);

  await card.getByLabel("strength").fill("11");
  await page.getByRole("button", { name: /^Detail/ }).click();
  const problem = "strength must be a number from 0 to 10.";
  await expect.poll(() => notice(page)).toBe(`“my canny.safetensors”: ${problem}`);
  expect(await card.getByRole("alert").textContent()).toBe(problem);
  await card.getByLabel("strength").fill("0.5");

  await card.getByLabel("picture", { exact: true }).selectOption("none");
  const picture = {
    name: "edges.png",
    mimeType: "image/png",
    buffer: Buffer.from(tinyPng(64, 48)),
  };
  await card.locator('input[type="file"]').setInputFiles(picture);
  await card.getByText("edges.png").waitFor();
  expect((await detail(page)).nets).toEqual([{ ...net, strength: 0.5 }]);
  await card.getByRole("button", { name: "Follow the picture itself" }).click();
  await card.getByText("The picture that is detailed.").waitFor();

  await page.getByRole("button", { name: "Remove my canny.safetensors" }).click();
  await expect.poll(() => card.count()).toBe(0);
  expect((await detail(page)).nets).toBeUndefined();
});
