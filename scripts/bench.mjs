// Measurements, by name: `npm run bench -- overhead [--rounds N]`. Figures and what they mean are
// in bench/README.md.

import { lintingEnv } from "./lib/clippy.mjs";
import { cargo } from "./lib/exec.mjs";
import { benchPeer, benchTune, benchTwins } from "./lib/peer.mjs";
import { runScript, setup } from "./setup.mjs";

/** What each measurement runs; the words after its name are handed on. */
const benches = {
  /** What a run costs outside the networks, on the CPU backend. */
  overhead: (words) =>
    cargo(["run", "--locked", "--release", "--quiet", "--example", "overhead", "--", ...words], {
      env: lintingEnv,
    }),
  /** What loading a checkpoint costs beyond reading and uploading: a path, --device cpu|gpu. */
  load: (words) =>
    cargo(
      ["run", "--locked", "--release", "--quiet", "--example", "fullsize", "--", "load", ...words],
      {
        env: lintingEnv,
      },
    ),
  /** Operations, or --networks, beside ONNX Runtime Web: --rows a,b, --out FILE, --software. */
  peer: benchPeer,
  /** Every kernel beside its twin: --own, --draws N, --software. */
  twins: benchTwins,
  /** The row to add to crate/src/ops/adapter.rs for the adapter at hand. */
  tune: benchTune,
  /** A UNet's step: a path, sides of the latent, --storage f32|f16|int8|int4. */
  unet: (words) =>
    cargo(["run", "--locked", "--release", "--quiet", "--example", "unet_time", "--", ...words], {
      env: lintingEnv,
    }),
};

await runScript(async () => {
  const [name, ...words] = process.argv.slice(2);
  const bench = benches[name];
  if (!bench) {
    console.error(`Name a measurement: ${Object.keys(benches).join(", ")}.`);
    process.exitCode = 2;
    return;
  }
  await setup();
  await bench(words);
});
