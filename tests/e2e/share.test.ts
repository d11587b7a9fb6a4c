import { expect, test } from "vitest";
import type { Page } from "playwright-core";
import { tinyPng } from "../support/png";
import { choose, chooseNode, notice, ready, saved, useBrowser } from "./support/page";

const { open } = useBrowser();

const field = (page: Page, name: string) => page.getByLabel(name, { exact: true });
const openSettings = (page: Page, name: string, text: string) =>
  page.locator("#settings input[accept='.json,.png']").setInputFiles({
    name,
    mimeType: "application/octet-stream",
    buffer: Buffer.from(text, "latin1"),
  });

/** A PNG with `text` under "prompt", as the reference tool writes it. */
function withPrompt(text: string): Uint8Array {
  const data = Buffer.from(`prompt\0${text}`, "latin1");
  const head = Buffer.alloc(8);
  head.writeUInt32BE(data.length);
  head.write("tEXt", 4, "latin1");
  const png = tinyPng(64, 64);
  // After the signature and the header's chunk.
  return Uint8Array.from([
    ...png.subarray(0, 33),
    ...head,
    ...data,
    0,
    0,
    0,
    0,
    ...png.subarray(33),
  ]);
}

test("settings go out as a file and come back from it", async () => {
  const page = await open();
  await ready(page);
  await chooseNode(page, "DetailerForEach");
  await field(page, "denoise").fill("0.35");
  await field(page, "seed").fill("18446744073709551615");
  const [name, text] = await saved(page, "Save the settings as a file");
  expect(name).toBe("burnish-settings.json");
  await chooseNode(page, "MaskDetailerPipe");
  await page.getByRole("button", { name: "Use the node's defaults" }).click();
  expect(await field(page, "denoise").inputValue()).toBe("0.5");

  await openSettings(page, name, text.toString());
  expect(await notice(page)).toContain("Settings of “burnish-settings.json” are set.");
  expect(await field(page, "Node").inputValue()).toBe("DetailerForEach");
  expect(await field(page, "denoise").inputValue()).toBe("0.35");
  expect(await field(page, "seed").inputValue()).toBe("18446744073709551615");
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  expect(await field(page, "denoise").inputValue()).toBe("0.5");
});

test("a picture of the reference tool brings its settings along", async () => {
  const page = await open();
  await ready(page);
  const graph = {
    1: { class_type: "CLIPTextEncode", inputs: { text: "a lighthouse" } },
    2: { class_type: "ToBasicPipe", inputs: { positive: ["1", 0], negative: ["1", 0] } },
    3: {
      class_type: "SEGSDetailer",
      inputs: { basic_pipe: ["2", 0], steps: 9, cfg: 6.5, guide_size_for: true, odd: 1 },
    },
  };
  await choose(page, "theirs.png", withPrompt(JSON.stringify(graph)));
  await expect.poll(() => notice(page)).toContain("“theirs.png” says how it was made.");
  await page.getByRole("button", { name: "Use its settings" }).click();
  expect(await notice(page)).toContain("Left out, as they are not used here: odd.");
  expect(await field(page, "Node").inputValue()).toBe("SEGSDetailer");
  expect(await field(page, "steps").inputValue()).toBe("9");
  expect(await page.getByRole("textbox", { name: "Prompt", exact: true }).inputValue()).toBe(
    "a lighthouse",
  );
});

test("files without settings are answered with a sentence, and nothing changes", async () => {
  const page = await open();
  await ready(page);
  await field(page, "cfg").fill("6");
  const cases: [string, string, string][] = [
    ["broken.json", "{", "“broken.json” holds no settings of Burnish."],
    ["list.json", "[]", "“list.json” holds no settings of Burnish."],
    ["new.json", '{"version":9,"settings":{}}', "“new.json” is of version 9"],
    ["plain.png", Buffer.from(tinyPng(16, 16)).toString("latin1"), "“plain.png” holds no settings"],
    ["graph.json", '{"1":{"class_type":"KSampler","inputs":{}}}', "without one of the five nodes"],
  ];
  for (const [name, text, sentence] of cases) {
    await openSettings(page, name, text);
    await expect.poll(() => notice(page)).toContain(sentence);
    expect(await field(page, "cfg").inputValue()).toBe("6");
  }
  await choose(page, "segments.json", Buffer.from('{"schema":"burnish.segs","version":4}'));
  await expect.poll(() => notice(page)).toContain("“segments.json” is of version 4");
});

test("presets are chosen, saved, kept over a reload and removed", async () => {
  const page = await open();
  await ready(page);
  await field(page, "Preset").selectOption("Soft seam");
  await page.getByText("More settings").click();
  expect(await field(page, "feather").inputValue()).toBe("20");
  await field(page, "steps").fill("11");
  await page.getByRole("button", { name: "Save as a preset" }).click();
  await field(page, "Name of the preset").fill("mine");
  await page.keyboard.press("Enter");
  await page.reload();
  await ready(page);
  await page.getByRole("button", { name: "Use the model's recommendation" }).click();
  await field(page, "Preset").selectOption("mine");
  expect(await field(page, "steps").inputValue()).toBe("11");
  await page.getByRole("button", { name: "Remove the preset “mine”" }).click();
  expect(await field(page, "Preset").locator("option").allTextContents()).not.toContain("mine");
});
