import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { portraitPipeline } from "../support/diffusers";
import { pixelHash } from "../support/png";
import { safetensors } from "../support/safetensors";
import {
  chooseAll,
  models,
  notice,
  QUERY,
  ready,
  saved,
  useBrowser,
  offlineWith,
} from "./support/page";

const { open } = useBrowser();

const UNET = "unet/diffusion_pytorch_model.safetensors";

let top: string;
let pipeline: Record<string, Buffer>;
beforeAll(async () => {
  top = await mkdtemp(join(tmpdir(), "burnish-pipeline-"));
  pipeline = await portraitPipeline();
  await folder("portraits", pipeline);
});
afterAll(() => rm(top, { recursive: true, force: true }));

async function folder(name: string, files: Record<string, Buffer>): Promise<string> {
  for (const [path, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(top, name, path)), { recursive: true });
    await writeFile(join(top, name, path), bytes);
  }
  return join(top, name);
}

/** Drops files and folders of the disk on the page, as a file manager would. */
async function drop(page: Page, ...paths: string[]): Promise<void> {
  const client = await page.context().newCDPSession(page);
  const data = { items: [], files: paths.map((path) => resolve(path)), dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    await client.send("Input.dispatchDragEvent", { type, x: 300, y: 300, data });
  }
}

/** One step at the size the embedded model was made for: added as a file, it recommends nothing. */
function small(): void {
  const values = { steps: "1", guide_size: "128", max_size: "192", crop_factor: "1.28", seed: "7" };
  const kept = JSON.stringify({ values: { ...values, guide_size_for: "crop_region" } });
  if (localStorage.getItem("burnish") === null) localStorage.setItem("burnish", kept);
}

async function detailed(page: Page): Promise<string> {
  await page.getByRole("button", { name: "Detail", exact: true }).click();
  await page.locator('canvas[data-phase="done"]').waitFor();
  return pixelHash((await saved(page, "Download PNG"))[1]);
}

test("a folder of a pipeline is one model: told, loaded, kept, there offline, deleted", async () => {
  const page = await open({ before: small, losesFiles: true });
  await ready(page);
  await chooseAll(page, [await file("models/portrait/portrait.safetensors")]);
  await expect.poll(() => notice(page)).toContain("It is loaded.");
  await ready(page);
  const single = await detailed(page);
  await page.getByRole("button", { name: "Back to painting" }).click();

  await drop(page, join(top, "portraits"));
  await expect
    .poll(() => notice(page))
    .toMatch(
      /"portraits" is a Stable Diffusion 1\.x checkpoint: .* in f16, 23\.6 MB\. It needs \d+\.\d MB of graphics memory\. It is loaded\. It is being kept/,
    );
  await ready(page);
  expect(await detailed(page), "the same numbers under other names").toBe(single);
  const { dialog, row } = await models(page);
  const mine = row.filter({ hasText: "portraits" });
  await expect.poll(() => mine.textContent()).toMatch(/checkpoint, f16 · 23\.\d MB in 3 files/);
  await expect.poll(() => mine.textContent()).toContain("Loaded");
  const other = await page.context().newPage();
  await other.goto(`${inject("address")}?${QUERY}`);
  await ready(other);
  const theirs = await models(other);
  // It goes on with the last model; once it has another it may not delete what this tab uses.
  await theirs.row
    .filter({ hasText: "portrait.safetensors" })
    .getByText("Load", { exact: true })
    .click();
  await expect.poll(() => notice(other)).toContain("It is loaded.");
  await models(other);
  await other.getByRole("button", { name: "Delete portraits", exact: true }).click();
  await expect.poll(() => theirs.said()).toContain("“portraits” is in use in another tab");
  await other.close();
  // The last tab to load a model says which is the last one.
  await dialog.getByRole("button", { name: "Load portrait.safetensors" }).click();
  await expect.poll(() => notice(page)).toContain("“portrait.safetensors”: It is loaded.");
  await models(page);
  await dialog.getByRole("button", { name: "Load portraits", exact: true }).click();
  await expect.poll(() => notice(page)).toContain("“portraits”: It is loaded.");

  await offlineWith(page, "portraits");
  expect(await detailed(page), "read back from what is kept").toBe(single);

  const offline = await models(page);
  await page.getByRole("button", { name: "Delete portraits", exact: true }).click();
  await expect.poll(() => offline.said()).toBe("“portraits” is deleted.");
  await expect.poll(() => offline.row.filter({ hasText: "portraits" }).count()).toBe(0);
});

test("networks chosen as single files are joined, what does not belong to them is added besides", async () => {
  const page = await open({ before: small });
  await ready(page);
  const mimeType = "application/octet-stream";
  const mood = safetensors({ emb_params: { shape: [3, 64], fill: 0.1 } });
  const vae = pipeline["vae/diffusion_pytorch_model.safetensors"]!;
  const text = pipeline["text_encoder/model.safetensors"]!;
  await chooseAll(page, [
    { name: "mood.safetensors", mimeType, buffer: mood },
    { name: "drawn_vae.safetensors", mimeType, buffer: vae },
    { name: "drawn_unet.safetensors", mimeType, buffer: pipeline[UNET]! },
    { name: "drawn_text.safetensors", mimeType, buffer: text },
  ]);
  await expect.poll(() => notice(page)).toMatch(/"drawn" is a Stable Diffusion 1\.x checkpoint/);
  expect(await notice(page)).toContain("Write embedding:mood in a prompt to use it.");
  await ready(page);
  const { row } = await models(page);
  await expect.poll(() => row.filter({ hasText: "in 3 files" }).count()).toBe(1);
  await expect.poll(() => row.filter({ hasText: "mood.safetensors" }).count()).toBe(1);
});

test("the settings beside the networks count: prediction, noise and the spacing of steps", async () => {
  const page = await open({ before: small });
  await ready(page);
  const scheduler = {
    prediction_type: "v_prediction",
    rescale_betas_zero_snr: true,
    timestep_spacing: "trailing",
  };
  const other = Buffer.from(JSON.stringify(scheduler));
  const velocities = { ...pipeline, "scheduler/scheduler_config.json": other };
  await drop(page, join(top, "portraits"));
  await expect.poll(() => notice(page)).toContain('"portraits" is a');
  const schedule = page.getByLabel("scheduler", { exact: true });
  expect(await schedule.inputValue()).toBe("normal");
  const noise = await detailed(page);
  await page.getByRole("button", { name: "Back to painting" }).click();
  await drop(page, await folder("velocities", velocities));
  await expect.poll(() => notice(page)).toContain('"velocities" is a');
  expect(await schedule.inputValue(), "as the model recommends").toBe("sgm_uniform");
  await page.getByText("More settings").click();
  await schedule.selectOption("normal");
  expect(await detailed(page), "taken for velocities").not.toBe(noise);
});

test("folders that are no pipeline say what is wrong and what to do", async () => {
  const page = await open();
  await ready(page);
  const without = (...paths: string[]) =>
    Object.fromEntries(Object.entries(pipeline).filter(([path]) => !paths.includes(path)));
  const pickle = Buffer.from("PK\u0003\u0004");
  const cases: [string, Record<string, Buffer>, RegExp][] = [
    [
      "no text",
      without("text_encoder/model.safetensors"),
      /“no text” cannot be loaded\. text_encoder\/model\.safetensors is missing: drop the whole folder/,
    ],
    [
      "pickles",
      { ...without(UNET), "unet/diffusion_pytorch_model.bin": pickle },
      /UNet is there only as unet\/diffusion_pytorch_model\.bin, which can run any program/,
    ],
    [
      "damaged",
      { ...pipeline, [UNET]: pipeline[UNET]!.subarray(0, 3000) },
      /“damaged”.*unet\/diffusion_pytorch_model\.safetensors/,
    ],
    ["texts", { "readme.md": Buffer.from("#") }, /“texts” holds no model, no picture/],
  ];
  for (const [name, files, sentence] of cases) {
    await drop(page, await folder(name, files));
    await expect.poll(() => notice(page)).toMatch(sentence);
    await page.getByRole("button", { name: "Close this message" }).click();
    await ready(page);
  }
});

async function file(path: string) {
  const buffer = await readFile(path);
  return { name: path.split("/").at(-1)!, mimeType: "application/octet-stream", buffer };
}
