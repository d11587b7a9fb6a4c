// Builds everything there is to publish: both wasm variants, the page in www/dist and the npm
// package in npm/dist. With --plain the wasm modules are not optimised, which saves minutes.

import { buildPackage } from "./build-package.mjs";
import { buildPage } from "./lib/page.mjs";
import { runScript, setup } from "./setup.mjs";

await runScript(async () => {
  await setup();
  const { buildWasm } = await import("./build-wasm.mjs");
  await buildWasm({ optimise: !process.argv.includes("--plain") });
  await buildPage();
  await buildPackage();
  console.log("The page is in www/dist, the package in npm.");
});
