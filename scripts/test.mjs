// Everything: the checks, the recorded values, the builds and the page in a real browser.

import { runScript, setup } from "./setup.mjs";
import { runStages } from "./lib/run-stages.mjs";
import { stages } from "./lib/stages.mjs";

await runScript(async () => {
  await setup({ browser: true });
  if (!(await runStages(stages, { stopAtFailure: false }))) process.exitCode = 1;
});
