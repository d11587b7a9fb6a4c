import { afterAll, beforeAll, expect, test } from "vitest";
import { pageOf, serveFiles } from "./support/files";
import { useBrowser } from "./support/page";

const { open } = useBrowser();

/** All cases with every adapter's kernels: `BURNISH_TWINS=all`; else one in so many of them. */
const STEP = process.env.BURNISH_TWINS === "all" ? 1 : 37;
/** Which of them. */
const SEED = Number(process.env.BURNISH_TWINS_SEED ?? 7);

let module: Awaited<ReturnType<typeof serveFiles>>;
beforeAll(async () => {
  module = await serveFiles("bench/wasm/bench", { "/page": pageOf("/bench_web.js") });
});
afterAll(() => module.close());

test(
  `kernels equal their twins in the browser (seed ${SEED})`,
  { timeout: 3_600_000 },
  async () => {
    const page = await open({ address: `${module.address}/page` });
    page.setDefaultTimeout(0);
    await page.waitForFunction(() => "core" in window);
    const { names, limit } = await page.evaluate(prepare);
    expect(names.length).toBeGreaterThan(200);
    const wrong: string[] = [];
    for (const [turn, adapter] of ["software", "whole", "shared"].entries()) {
      for (let index = (SEED + 12 * turn) % STEP; index < names.length; index += STEP) {
        const error = await page.evaluate(twin, { adapter, index });
        if (!(error <= limit)) wrong.push(`${adapter}: ${names[index]}: ${error}`);
      }
    }
    expect(wrong).toEqual([]);
  },
);

interface Bench {
  twins(draws: number, own: boolean): string[];
  twin(adapter: string, index: number): Promise<number>;
  twin_limit(): number;
}

/** What of the built module the test calls. */
interface Core {
  default(): Promise<unknown>;
  Bench: { open(adapter: string, largest: number): Promise<Bench> };
}

/** Runs in the page: opens the device and lists the cases. */
async function prepare(): Promise<{ names: string[]; limit: number }> {
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) throw new Error("no WebGPU adapter");
  const { core } = window as unknown as { core: Core };
  await core.default();
  const { vendor, architecture, description } = adapter.info;
  const name = `${description} ${vendor} ${architecture}`;
  const bench = await core.Bench.open(name, adapter.limits.maxStorageBufferBindingSize);
  Object.assign(window, { bench });
  return { names: bench.twins(4, false), limit: bench.twin_limit() };
}

/** Runs in the page: one case. */
function twin({ adapter, index }: { adapter: string; index: number }): Promise<number> {
  return (window as unknown as { bench: Bench }).bench.twin(adapter, index);
}
