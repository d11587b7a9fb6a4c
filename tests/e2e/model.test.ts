import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { maskState, notice, QUERY, ready, setSteps, useBrowser } from "./support/page";

const { open } = useBrowser();
const MODEL = "models/portrait/portrait.safetensors";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "burnish-models-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A checkpoint in which `name` is called something else; every byte of it stays in place. */
function withoutTensor(file: Buffer, name: string): Buffer {
  const length = Number(file.readBigUInt64LE(0));
  const at = file.subarray(8, 8 + length).indexOf(`"${name}"`);
  expect(at).toBeGreaterThan(0);
  const copy = Buffer.from(file);
  copy.write("_", 8 + at + name.length, "utf8");
  return copy;
}

test("answers checkpoints it cannot read with a sentence and goes on with the one it had", async () => {
  const model = await readFile(MODEL);
  const random = Buffer.from(Uint8Array.from({ length: 4096 }, (_, at) => (at * 167 + 13) % 251));
  const cases: [string, Buffer, RegExp][] = [
    ["random.safetensors", random, /random\.safetensors/],
    ["empty.safetensors", Buffer.alloc(0), /empty\.safetensors/],
    ["short.safetensors", model.subarray(0, 2_000_000), /short\.safetensors/],
  ];
  const page = await open();
  await ready(page);
  for (const [name, bytes, sentence] of cases) {
    const path = join(folder, name);
    await writeFile(path, bytes);
    await page.locator('#device input[type="file"]').setInputFiles(path);
    await expect.poll(() => notice(page), { timeout: 30_000 }).toMatch(sentence);
    await ready(page);
    expect(await maskState(page)).toMatchObject({ painted: true });
    await page.getByRole("button", { name: "Close this message" }).click();
  }
  await setSteps(page, 1);
  await page.getByRole("button", { name: "Detail" }).click();
  await page.locator('canvas[data-phase="done"]').waitFor();
});

test("names the one tensor a checkpoint lacks, and keeps what is painted", async () => {
  const missing = "model.diffusion_model.middle_block.1.norm.weight";
  const body = withoutTensor(await readFile(MODEL), missing);
  const page = await open({ address: "about:blank" });
  await page.route("**/*.safetensors", (route) => route.fulfill({ body }));
  await page.goto(`${inject("address")}?${QUERY}`);
  expect(await notice(page)).toContain(`has no tensor "${missing}"`);
  await page.locator('canvas[data-phase="ready"]').waitFor();
  expect(await maskState(page)).toMatchObject({ painted: true });
});
