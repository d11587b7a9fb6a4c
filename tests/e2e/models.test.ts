import { createHash } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { serveModels } from "./support/models";
import {
  DESKTOP,
  models,
  notice,
  PHONE,
  QUERY,
  ready,
  useBrowser,
  offlineWith,
} from "./support/page";

const { open } = useBrowser();

const MODEL = "models/portrait/portrait.safetensors";
const model = await readFile(MODEL);
const sum = createHash("sha256").update(model).digest("hex");
const html = Buffer.from("<!doctype html><title>Log in</title>");

let folder: string;
let server: Awaited<ReturnType<typeof serveModels>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "burnish-models-"));
  await copyFile(MODEL, join(folder, "my lcm.safetensors"));
  const ends = [{ after: 5e6 }, { after: 4e6 }, { after: 3e6, hangs: true }];
  server = await serveModels({
    "/cut.safetensors": { bytes: model, ends },
    "/slow.safetensors": { bytes: model, pace: 150_000 },
    "/hangs.safetensors": { bytes: model, ends: [{ after: 8e6, hangs: true }] },
    "/plain.safetensors": { bytes: model },
    "/page.safetensors": { bytes: html, type: "text/html; charset=utf-8" },
    "/hidden.safetensors": { bytes: html },
    "/closed.safetensors": { bytes: model, isClosed: true },
  });
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

async function addAddress(page: Page, address: string): Promise<void> {
  const { dialog } = await models(page);
  await dialog.getByLabel("Address of a model").fill(address);
  await dialog.getByRole("button", { name: "Download", exact: true }).click();
}

/** One step at the size the embedded model was made for: added as a file, it recommends nothing. */
function small(): void {
  const values = { steps: "1", guide_size: "128", max_size: "192", crop_factor: "1.28" };
  const kept = JSON.stringify({ values: { ...values, guide_size_for: "crop_region" } });
  if (localStorage.getItem("burnish") === null) localStorage.setItem("burnish", kept);
}

async function detail(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Detail", exact: true }).click();
  await page.locator('canvas[data-phase="done"]').waitFor();
}

test("a download survives two cuts and a reload, is checked, loaded, and there offline", async () => {
  const page = await open({ losesFiles: true, before: small });
  await ready(page);
  await addAddress(page, `${server.address}/cut.safetensors#sha256=${sum}`);
  const first = await models(page);
  await expect.poll(() => server.asked.length).toBeGreaterThanOrEqual(3);
  await expect.poll(() => first.row.textContent()).toMatch(/Downloading · \d+\.\d MB of 23\.7 MB/);
  await page.reload();
  await ready(page);
  const { row } = await models(page);
  await expect.poll(() => row.textContent()).toContain("Stable Diffusion 1.x checkpoint, f16");
  const ranges = server.asked.map(({ range }) => Number(/\d+/.exec(range ?? "0")?.[0]));
  expect(ranges, "requests").toHaveLength(4);
  expect(ranges, "each goes on where the last was cut").toEqual(ranges.toSorted((a, b) => a - b));
  expect(new Set(ranges).size).toBe(ranges.length);

  await page.getByRole("button", { name: "Load cut.safetensors" }).click();
  await expect.poll(() => notice(page)).toContain("“cut.safetensors”: It is loaded.");
  await ready(page);
  await detail(page);

  await offlineWith(page, "cut.safetensors");
  await detail(page);

  const offline = await models(page);
  expect(await offline.row.textContent()).toContain("Loaded");
  await page.getByRole("button", { name: "Delete cut.safetensors" }).click();
  await expect.poll(() => offline.said()).toBe("“cut.safetensors” is deleted.");
  expect(await offline.row.count()).toBe(0);
  await offline.dialog.getByRole("button", { name: "Close the models" }).click();
  await page.locator(".device-details summary").click();
  expect(await page.locator(".popover").textContent()).toContain("Drawn portraits (embedded)");
  expect(await page.locator('canvas[data-phase="done"]').count(), "the result stays").toBe(1);
});

test("what is no model gives a sentence that says what to do", async () => {
  const page = await open({ losesFiles: true });
  await ready(page);
  const cases: [string, RegExp][] = [
    ["gone.safetensors", /There is no such file \(404\)\. Check the address/],
    ["page.safetensors", /is a web page, not a model\. Copy the address of the download button/],
    ["hidden.safetensors", /is a web page, not a model/],
    ["closed.safetensors", /does not let other pages read.*add it from your disk/],
    [`plain.safetensors#sha256=${"0".repeat(64)}`, /its SHA-256 is another one.*download it again/],
  ];
  for (const [path, sentence] of cases) {
    await addAddress(page, `${server.address}/${path}`);
    const { said, row, dialog } = await models(page);
    await dialog.locator(".model-said.error").waitFor();
    await expect.poll(said).toMatch(sentence);
    await expect.poll(() => row.count()).toBe(0);
  }
  await addAddress(page, "no address");
  const { dialog } = await models(page);
  expect(await dialog.getByText("That is no web address.").count()).toBe(1);
});

test("two tabs share one download, and neither deletes what the other uses", async () => {
  const page = await open();
  await ready(page);
  const other = await page.context().newPage();
  await other.goto(`${inject("address")}?${QUERY}`);
  await ready(other);
  const count = (): number => server.asked.filter(({ path }) => path.includes("slow")).length;
  await addAddress(page, `${server.address}/slow.safetensors`);
  const mine = await models(page);
  const theirs = await models(other);
  await expect.poll(() => theirs.row.textContent()).toMatch(/Downloading · .* of 23\.7 MB/);
  await addAddress(other, `${server.address}/slow.safetensors`);
  await expect.poll(() => theirs.said()).toContain("already on its way");
  await other.getByRole("button", { name: "Pause slow.safetensors" }).click();
  await expect.poll(() => mine.row.textContent()).toContain("Paused");
  await page.getByRole("button", { name: "Resume slow.safetensors" }).click();
  await expect.poll(() => theirs.row.textContent()).toContain("checkpoint");
  expect(count(), "one download, and one more after the pause").toBe(2);

  await page.getByRole("button", { name: "Load slow.safetensors" }).click();
  await expect.poll(() => notice(page)).toContain("is loaded");
  await other.getByRole("button", { name: "Delete slow.safetensors" }).click();
  await expect.poll(() => theirs.said()).toContain("is in use in another tab");
  await other.close();
});

test("a file from the disk is said what it is, loaded, and kept (pictures in out/screens)", async () => {
  const page = await open();
  await ready(page);
  await page
    .locator('#device input[type="file"]')
    .setInputFiles(join(folder, "my lcm.safetensors"));
  await expect
    .poll(() => notice(page))
    .toMatch(
      /"my lcm.safetensors" is a Stable Diffusion 1\.x checkpoint: .* 23\.7 MB\..* It is loaded\..*few steps/,
    );
  await page.getByRole("button", { name: "Use 6 steps and cfg 1.5" }).click();
  expect(await page.getByLabel("steps", { exact: true }).inputValue()).toBe("6");
  const { dialog, row } = await models(page);
  await expect.poll(() => row.textContent()).toContain("Loaded");

  await addAddress(page, `${server.address}/hangs.safetensors`);
  await expect.poll(() => dialog.textContent()).toContain("Downloading ·");
  await mkdir("out/screens", { recursive: true });
  for (const [name, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
    for (const colorScheme of ["dark", "light"] as const) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: `out/screens/models-${name}-${colorScheme}.png` });
    }
    const box = await dialog.boundingBox();
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(viewport.width);
  }
});
