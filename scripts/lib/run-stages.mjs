// Runs stages one after the other and sums up.

/** Runs the stages in order and prints what came of them; false when one failed. */
export async function runStages(selected, { stopAtFailure }) {
  const rows = [];
  for (const stage of selected) {
    console.log(`\n== ${stage.name}`);
    const began = Date.now();
    const result = await stage.run().catch((error) => {
      console.error(error.message);
      return { passed: 0, failed: 1, skipped: 0 };
    });
    rows.push({ name: stage.name, ...result, seconds: (Date.now() - began) / 1000 });
    if (stopAtFailure && result.failed > 0) break;
  }
  const total = (key) => rows.reduce((sum, row) => sum + row[key], 0);
  console.log("");
  for (const { name, passed, failed, skipped, seconds } of rows) {
    const mark = failed > 0 ? "FAIL" : passed > 0 ? "ok" : "skip";
    const numbers = `${passed} passed, ${failed} failed, ${skipped} skipped`;
    console.log(
      `${mark.padEnd(5)}${name.padEnd(24)}${seconds.toFixed(1).padStart(8)} s   ${numbers}`,
    );
  }
  const unrun = selected.length - rows.length;
  if (unrun > 0) console.log(`${unrun} further stages were not run.`);
  console.log("");
  console.log(`${total("passed")} passed, ${total("failed")} failed, ${total("skipped")} skipped`);
  return total("failed") === 0;
}
