// The demo of clips: the sample clip, redrawn all frames together through the page's own controls.

import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { unzipSync } from "fflate";
import { detail, save } from "./demo-page.mjs";
import { inRoot } from "./paths.mjs";

/** Sixteen frames take as much longer than a picture. */
const PATIENCE_MS = 60 * 60_000;

/** Redraws `sample.clip` and writes before.zip, after.zip, after.gif and report.json by `out`. */
export async function detailClip(page, { sample, out, consoleErrors }) {
  page.setDefaultTimeout(PATIENCE_MS);
  const before = readFileSync(inRoot("models", sample.clip));
  copyFileSync(inRoot("models", sample.clip), out("before.zip"));
  const frames = Object.keys(unzipSync(new Uint8Array(before)));
  await page.locator('#upload input[type="file"]').setInputFiles(file("clip.zip", before));
  await page.locator(".place", { hasText: "Frame 1 of" }).waitFor();
  const masks = readFileSync(inRoot("models", sample.clip_mask));
  await page
    .locator('.timeline [aria-label="Masks over time"] input[type="file"]')
    .setInputFiles(file("masks.zip", masks));
  await page.getByRole("button", { name: "Masks from a clip", pressed: true }).waitFor();
  await page.locator("#prompt-text").fill(sample.clip_prompt);
  await page.getByLabel("Node", { exact: true }).selectOption("DetailerForEachPipeForAnimateDiff");

  const began = performance.now();
  await detail(page, PATIENCE_MS);
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  for (const [format, name] of [
    ["png-zip", "after.zip"],
    ["gif", "after.gif"],
  ]) {
    await page.getByLabel("Format of the clip").selectOption(format);
    await save(page, "Save clip", out(name));
  }
  const after = Object.keys(unzipSync(new Uint8Array(readFileSync(out("after.zip"))))).length;
  const adapter = await page.locator(".chip-text").textContent();
  const report = { adapter, frames: after, seconds, console_errors: consoleErrors };
  writeFileSync(out("report.json"), `${JSON.stringify(report, null, 2)}\n`);
  console.log(
    `demo: ${after} frames in ${seconds} s\n` +
      "demo: out/before.zip, out/after.zip, out/after.gif and out/report.json are written",
  );
  if (after !== frames.length || consoleErrors.length > 0) process.exitCode = 1;
}

function file(name, bytes) {
  return { name, mimeType: "application/zip", buffer: bytes };
}
