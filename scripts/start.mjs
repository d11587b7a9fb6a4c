// Sets up, builds what is out of date and serves the page until stopped.
//
//   node scripts/start.mjs [--dev]     --dev: serve the sources, updated as they change

import { buildPage, servePage, serveSources } from "./lib/page.mjs";
import { runScript, setup } from "./setup.mjs";

const dev = process.argv.includes("--dev");

await runScript(async () => {
  await setup();
  // Imported only now: it needs the Node packages that the setup installs.
  const { buildWasm, isBuilt } = await import("./build-wasm.mjs");
  await buildWasm({ names: ["webgpu"] });
  if (!dev) await buildPage();
  const { url } = await (dev ? serveSources() : servePage());
  console.log(`\nBurnish is at ${url}  (Ctrl+C stops it)\n`);

  if (isBuilt("cpu")) return;
  console.log("Meanwhile the version for browsers without WebGPU is built.");
  await buildWasm({ names: ["cpu"] });
  if (!dev) await buildPage();
  console.log("It is there now: reload the page to have it.");
});
