import { afterAll, beforeAll, expect, test } from "vitest";
import { serveFiles } from "./support/files";
import { useBrowser } from "./support/page";

const { open } = useBrowser();

/** Largest difference from what diffusers computes, relative to its largest value. */
const TOLERANCE = 1e-3;

let files: Awaited<ReturnType<typeof serveFiles>>;
beforeAll(async () => {
  const empty = '<!doctype html><title>networks</title><link rel="icon" href="data:," />';
  files = await serveFiles(".", { "/": empty });
});
afterAll(() => files.close());

test.each(["webgpu", "cpu"])(
  "the embedded model computes what diffusers recorded, on %s",
  async (backend) => {
    const page = await open({ address: `${files.address}/` });
    const checks = await page.evaluate(replay, backend);
    expect(checks.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["text.last_hidden_state", "vae.mean", "vae.decoded"]),
    );
    expect(checks.filter(({ name }) => name.startsWith("unet.")).length).toBeGreaterThan(1);
    for (const { name, relative_error } of checks) {
      expect(relative_error, name).toBeLessThan(TOLERANCE);
    }
  },
);

/** Runs in the page: the module as it is built, the model and the recording as they are committed. */
async function replay(backend: string): Promise<{ name: string; relative_error: number }[]> {
  const bytes = async (path: string) => {
    const response = await fetch(path);
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  };
  const source = async (name: string, path: string) => {
    const file = await bytes(path);
    const read = (offset: number, length: number) => file.subarray(offset, offset + length);
    return { name, size: file.length, read };
  };
  const manifest = await (await fetch("/models/embedded.json")).json();
  const module = await import(`${location.origin}/www/src/wasm/${backend}/burnish.js`);
  await module.default();
  const burnish = await module.Burnish.create(backend);
  burnish.load_pipe(manifest, await source("model", `/models/${manifest.file}`), () => {});
  return burnish.verify(await source("recorded", "/tests/golden/embedded/embedded.safetensors"));
}
