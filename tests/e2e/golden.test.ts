import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pageOf, serveFiles } from "./support/files";
import { useBrowser } from "./support/page";

const { open } = useBrowser();

/** All recorded cases where they are at hand, else the small ones that are copied here. */
const FOLDER =
  process.env.GOLDEN ?? (existsSync("../shared/golden") ? "../shared/golden" : "tests/golden");
/** One case in ten; `GOLDEN_SAMPLE=` replays all of them. */
const SAMPLE = process.env.GOLDEN_SAMPLE ?? "7/10";
const FILTER = process.env.GOLDEN_FILTER ?? "";
/** What the adapter is taken for: "nvidia h200" runs a graphics card's kernels on any adapter. */
const ADAPTER = process.env.GOLDEN_ADAPTER ?? "";

let module: Awaited<ReturnType<typeof serveFiles>>;
let cases: Awaited<ReturnType<typeof serveFiles>>;
beforeAll(async () => {
  module = await serveFiles("tests/e2e/wasm/golden", { "/page": pageOf("/golden_web.js") });
  cases = await serveFiles(FOLDER);
});
afterAll(() => {
  module.close();
  cases.close();
});

test(
  "recorded cases of the reference are reproduced in the browser",
  { timeout: 3_600_000 },
  async () => {
    const manifest = await readFile(join(FOLDER, "manifest.json"), "utf8");
    const page = await open({ address: `${module.address}/page` });
    page.setDefaultTimeout(0);
    await page.waitForFunction(() => "core" in window);
    const request = { from: cases.address, files: filesOf(manifest) };
    const names = await page.evaluate(prepare, {
      ...request,
      filter: FILTER,
      sample: SAMPLE,
      adapter: ADAPTER,
    });
    expect(names.length).toBeGreaterThan(0);
    const wrong: string[] = [];
    let passed = 0;
    for (const [index, name] of names.entries()) {
      const verdict = await page.evaluate(replay, index);
      if (verdict.endsWith("ok")) passed++;
      else if (!verdict.endsWith("not yet")) wrong.push(`${name}  ${verdict}`);
    }
    expect(wrong).toEqual([]);
    expect(passed).toBeGreaterThan(names.length / 2);
  },
);

/** The files the cases name as `file#tensor`, and the models, which they name by themselves. */
function filesOf(manifest: string): string[] {
  const named = [...manifest.matchAll(/"([^"#]+\.safetensors)[#"]/g)].map(([, name]) => name!);
  return [...new Set(named)].filter((name) => existsSync(join(FOLDER, name)));
}

interface Golden {
  names(): string[];
  replay(index: number): Promise<string>;
}

/** What of the built module the replay calls. */
interface Core {
  default(): Promise<unknown>;
  Golden: {
    open(
      read: (name: string) => Uint8Array | undefined,
      adapter: string,
      filter: string,
      sample: string,
    ): Promise<Golden>;
  };
}

/** Runs in the page: fetches every file, opens the device and lists the cases. */
async function prepare(request: {
  from: string;
  files: string[];
  filter: string;
  sample: string;
  adapter: string;
}): Promise<string[]> {
  const fetched = new Map<string, Uint8Array>();
  for (const name of ["manifest.json", ...request.files]) {
    const response = await fetch(`${request.from}/${name}`);
    if (!response.ok) throw new Error(`${name}: ${response.status}`);
    fetched.set(name, new Uint8Array(await response.arrayBuffer()));
  }
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) throw new Error("no WebGPU adapter");
  const { vendor, architecture, description } = adapter.info;
  const { core } = window as unknown as { core: Core };
  await core.default();
  const golden = await core.Golden.open(
    (name: string) => fetched.get(name),
    request.adapter || `${description} ${vendor} ${architecture}`,
    request.filter,
    request.sample,
  );
  Object.assign(window, { golden });
  return golden.names();
}

/** Runs in the page: one case. */
function replay(index: number): Promise<string> {
  return (window as unknown as { golden: Golden }).golden.replay(index);
}
