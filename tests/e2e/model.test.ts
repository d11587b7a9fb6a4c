import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { maskState, notice, ready, setSteps, useBrowser } from "./support/page";

const { open } = useBrowser();
const MODEL = "models/portrait/portrait.safetensors";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "burnish-models-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A checkpoint whose header has lost one entry; the bytes stay where they are. */
function withoutTensor(file: Buffer, name: string): Buffer {
  const length = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString("utf8", 8, 8 + length)) as Record<string, unknown>;
  expect(Object.keys(header)).toContain(name);
  const rest = Object.fromEntries(Object.entries(header).filter(([key]) => key !== name));
  const copy = Buffer.from(file);
  copy.fill(0x20, 8, 8 + length);
  copy.write(JSON.stringify(rest), 8, "utf8");
  return copy;
}

test("answers checkpoints it cannot read with a sentence and goes on with the one it had", async () => {
  const model = await readFile(MODEL);
  const random = Buffer.from(Uint8Array.from({ length: 4096 }, (_, at) => (at * 167 + 13) % 251));
  const missing = "first_stage_model.decoder.conv_in.weight";
  const cases: [string, Buffer, RegExp][] = [
    ["random.safetensors", random, /random\.safetensors/],
    ["empty.safetensors", Buffer.alloc(0), /empty\.safetensors/],
    ["short.safetensors", model.subarray(0, 2_000_000), /short\.safetensors/],
    ["hole.safetensors", withoutTensor(model, missing), new RegExp(missing.replaceAll(".", "\\."))],
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
