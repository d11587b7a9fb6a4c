import { afterAll, beforeAll, expect, test } from "vitest";
import { pageOf, serveFiles } from "./support/files";
import { useBrowser } from "./support/page";

const { open } = useBrowser();

/** Largest difference from what diffusers computes, relative to its largest value. */
const TOLERANCE = 1e-3;

let files: Awaited<ReturnType<typeof serveFiles>>;
beforeAll(async () => {
  const of = (backend: string) => pageOf(`/www/src/wasm/${backend}/burnish.js`);
  files = await serveFiles(".", { "/on/webgpu": of("webgpu"), "/on/cpu": of("cpu") });
});
afterAll(() => files.close());

test.each(["webgpu", "cpu"])(
  "the embedded model computes what diffusers recorded, on %s",
  async (backend) => {
    const page = await open({ address: `${files.address}/on/${backend}` });
    await page.waitForFunction(() => "core" in window);
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

interface Check {
  name: string;
  relative_error: number;
}

/** What of the built module the replay calls. */
interface Core {
  default(): Promise<unknown>;
  Burnish: {
    create(backend: string): Promise<{
      load_pipe(manifest: unknown, source: unknown, onEvent: () => void): unknown;
      verify(source: unknown): Promise<Check[]>;
    }>;
  };
}

/** Runs in the page: the module as it is built, the model and the recording as they are committed. */
async function replay(backend: string): Promise<Check[]> {
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
  const { core } = window as unknown as { core: Core };
  await core.default();
  const burnish = await core.Burnish.create(backend);
  burnish.load_pipe(manifest, await source("model", `/models/${manifest.file}`), () => {});
  return burnish.verify(await source("recorded", "/tests/golden/embedded/embedded.safetensors"));
}
