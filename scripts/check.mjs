// Format, lints, types and the fast tests, cheapest first; stops at the first failure.

import { runScript, setup } from "./setup.mjs";
import { runStages } from "./lib/run-stages.mjs";
import { stages } from "./lib/stages.mjs";

await runScript(async () => {
  await setup();
  const selected = stages.filter((stage) => stage.check);
  if (!(await runStages(selected, { stopAtFailure: true }))) process.exitCode = 1;
});
