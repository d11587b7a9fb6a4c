// Details the sample picture without a window, through the page's own controls and with its
// default settings, and writes out/before.png, out/after.png and out/report.json. Or the sample clip,
// all frames together under the motion module: out/before.zip, out/after.zip, out/after.gif.
//
//   node scripts/demo.mjs [--cpu] [--frames]     --cpu: the build for browsers without WebGPU

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { chromiumArguments, findChromium, hasGraphicsCard } from "./lib/chromium.mjs";
import { largestChange } from "./lib/largest-change.mjs";
import { buildPage, servePage } from "./lib/page.mjs";
import { inRoot } from "./lib/paths.mjs";
import { pngText } from "./lib/png-text.mjs";
import { detailClip } from "./lib/demo-clip.mjs";
import { detail, save } from "./lib/demo-page.mjs";
import { runScript, setup } from "./setup.mjs";

/** Longer than the slowest machine we know takes. */
const patienceMs = 15 * 60_000;
const cpu = process.argv.includes("--cpu");
const isClip = process.argv.includes("--frames");

await runScript(async () => {
  await setup({ browser: true });
  const { buildWasm } = await import("./build-wasm.mjs");
  await buildWasm({ names: [cpu ? "cpu" : "webgpu"] });
  await buildPage();
  const { chromium } = await import("playwright-core");
  const server = await servePage();
  const browser = await chromium.launch({
    executablePath: findChromium(),
    args: chromiumArguments({ software: !hasGraphicsCard() }),
  });
  try {
    await demo(browser, `${server.url}?backend=${cpu ? "cpu" : "webgpu"}`);
  } finally {
    await browser.close();
    await server.close();
  }
});

async function demo(browser, address) {
  const { sample } = JSON.parse(readFileSync(inRoot("models", "embedded.json"), "utf8"));
  const out = (name) => inRoot("out", name);
  mkdirSync(inRoot("out"), { recursive: true });

  const began = performance.now();
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const consoleErrors = [];
  page.on("console", (message) => {
    if (message.type() === "error") consoleErrors.push(message.text());
  });
  page.on("pageerror", (error) => consoleErrors.push(String(error)));
  await page.goto(address);
  await page.locator('details[data-engine="ready"]').waitFor({ timeout: patienceMs });
  await page.locator('canvas[data-phase="ready"]').waitFor();
  const readyMs = performance.now() - began;
  console.log(`demo: ready on ${await page.locator(".chip-text").textContent()}`);

  if (isClip) return detailClip(page, { sample, out, consoleErrors });
  copyFileSync(inRoot("models", sample.image), out("before.png"));
  await detail(page, patienceMs);
  await save(page, "Download PNG", out("after.png"));

  const made = JSON.parse(pngText(readFileSync(out("after.png")), "burnish"));
  const { seconds, timings, segments, heap_bytes, max_change_outside_mask } = made.report;
  const sampling = timings.find(({ stage }) => stage === "sample")?.seconds ?? 0;
  const steps = made.settings.steps * made.settings.cycle * segments.length;
  const report = {
    adapter: made.device,
    model: made.model,
    settings: made.settings,
    seconds_until_ready: round(readyMs / 1000),
    seconds: round(seconds),
    seconds_per_stage: Object.fromEntries(timings.map((t) => [t.stage, round(t.seconds)])),
    steps,
    seconds_per_step: round(sampling / steps),
    max_change_outside_mask,
    // Measured on the two files, without the core: everything further from the mask than the
    // feather reaches.
    max_change_beyond_feather: await largestChange(page, {
      before: out("before.png"),
      after: out("after.png"),
      mask: inRoot("models", sample.mask),
      reach: made.settings.feather + 1,
    }),
    wasm_heap_peak_bytes: heap_bytes,
    console_errors: consoleErrors,
  };
  writeFileSync(out("report.json"), `${JSON.stringify(report, null, 2)}\n`);
  console.log(
    `demo: ${steps} steps in ${report.seconds} s (${report.seconds_per_step} s a step), ` +
      `largest change outside the mask ${report.max_change_beyond_feather}\n` +
      "demo: out/before.png, out/after.png and out/report.json are written",
  );
  if (report.max_change_beyond_feather > 0 || consoleErrors.length > 0) process.exitCode = 1;
}

function round(value) {
  return Math.round(value * 1000) / 1000;
}
