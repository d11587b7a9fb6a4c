// Builds the wasm variants of wasm-pack.toml: cargo, then wasm-bindgen (scripts/bindgen), then
// wasm-opt.
//
//   node scripts/build-wasm.mjs [variant...] [--force] [--optimise]
//
// Without names it builds what the page and the package are made of, not what tests need besides.
// --force builds what is up to date too; --optimise adds wasm-opt, which takes minutes a variant and
// two fifths off the module: for publishing.

import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { parse } from "smol-toml";
import { cargo, read, run } from "./lib/exec.mjs";
import { inRoot, nodeBin, targetDir } from "./lib/paths.mjs";
import { mib, seconds } from "./lib/text.mjs";

const target = "wasm32-unknown-unknown";
const manifests = [
  "Cargo.toml",
  "Cargo.lock",
  "crate/Cargo.toml",
  "rust-toolchain.toml",
  "wasm-pack.toml",
];

/** Whether the named variant is there and up to date. */
export function isBuilt(name) {
  const { build } = readVariants();
  const variant = findVariant(name);
  const { wasm, stamp } = outputs(build, variant);
  return isCurrent(stamp, wasm, { sources: sourceHash(build, variant) });
}

/** Builds the named variants (without names all but those for tests) that are out of date. */
export async function buildWasm({ names = [], force = false, optimise = false } = {}) {
  const { build, variant: variants } = readVariants();
  const asked = names.map(findVariant);
  for (const variant of names.length > 0 ? asked : variants.filter(({ tests }) => !tests)) {
    await buildVariant(build, variant, { force, optimise });
  }
}

function findVariant(name) {
  const { variant: variants } = readVariants();
  const found = variants.find((variant) => variant.name === name);
  if (found) return found;
  const known = variants.map((variant) => variant.name).join(", ");
  throw new Error(`wasm-pack.toml has no variant ${name}; it has ${known}`);
}

async function buildVariant(build, variant, { force, optimise }) {
  const sources = sourceHash(build, variant);
  const { library, outDir, wasm, stamp } = outputs(build, variant);
  if (!force && isCurrent(stamp, wasm, { sources, optimise })) {
    console.log(`wasm ${variant.name}: up to date, ${sizes(wasm)}`);
    return;
  }

  const began = Date.now();
  console.log(`wasm ${variant.name}: building (the first build compiles Burn: about ten minutes)`);
  rmSync(stamp, { force: true });
  const flags = (variant.target_features ?? []).map((feature) => `-Ctarget-feature=+${feature}`);
  await cargo(
    [
      ...["build", "--locked", "--package", library, "--lib", "--target", target],
      ...[
        "--profile",
        build.profile,
        "--no-default-features",
        "--features",
        variant.features.join(","),
      ],
    ],
    flags.length > 0 ? { env: { RUSTFLAGS: flags.join(" ") } } : {},
  );

  mkdirSync(outDir, { recursive: true });
  const linked = join(targetDir, target, build.profile, `${library.replaceAll("-", "_")}.wasm`);
  await cargo(["run", "--locked", "--release", "--quiet", "--package", "bindgen", linked, outDir]);
  const bound = statSync(wasm).size;
  if (optimise) {
    const options = [...build.wasm_opt, ...(variant.wasm_opt ?? [])];
    await run(process.execPath, [
      nodeBin("binaryen", "bin/wasm-opt"),
      wasm,
      "-o",
      wasm,
      ...options,
    ]);
  }

  writeFileSync(stamp, JSON.stringify({ sources, optimised: optimise }));
  console.log(
    `wasm ${variant.name}: ${sizes(wasm)}, before wasm-opt ${mib(bound)}; ${seconds(began)}`,
  );
}

const readVariants = () => parse(readFileSync(inRoot("wasm-pack.toml"), "utf8"));

function outputs(build, variant) {
  const library = variant.package ?? build.package;
  const outDir = inRoot(variant.out_dir ?? build.out_dir, variant.name);
  return {
    library,
    outDir,
    wasm: join(outDir, `${library.replaceAll("-", "_")}_bg.wasm`),
    stamp: join(outDir, "stamp.json"),
  };
}

/** An optimised build serves where a plain one is asked for, not the other way round. */
function isCurrent(stamp, wasm, { sources, optimise = false }) {
  if (!existsSync(stamp) || !existsSync(wasm)) return false;
  const built = JSON.parse(readFileSync(stamp, "utf8"));
  return built.sources === sources && (built.optimised || !optimise);
}

/** One hash over everything a build is made from. */
function sourceHash(build, variant) {
  const inputs = [...build.inputs, ...(variant.inputs ?? [])];
  const hash = createHash("sha256").update(read("rustc", ["--version"]) ?? "");
  const files = inputs.flatMap((folder) =>
    readdirSync(inRoot(folder), { recursive: true }).map((name) => join(folder, name)),
  );
  for (const file of [...manifests, ...files.sort()]) {
    if (statSync(inRoot(file)).isFile())
      hash.update(`\0${file}\0`).update(readFileSync(inRoot(file)));
  }
  return hash.digest("hex");
}

const sizes = (wasm) => {
  const bytes = readFileSync(wasm);
  return `${mib(bytes.length)} (gzip ${mib(gzipSync(bytes).length)})`;
};

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const args = process.argv.slice(2);
  await buildWasm({
    names: args.filter((arg) => !arg.startsWith("--")),
    force: args.includes("--force"),
    optimise: args.includes("--optimise"),
  }).catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
