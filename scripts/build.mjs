// Builds everything there is to publish: both wasm variants and the page in www/dist.

import { buildPage } from "./lib/page.mjs";
import { runScript, setup } from "./setup.mjs";

await runScript(async () => {
  await setup();
  const { buildWasm } = await import("./build-wasm.mjs");
  await buildWasm();
  await buildPage();
  console.log("The page is in www/dist.");
});
