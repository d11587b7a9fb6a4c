import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { portraitPipeline } from "../support/diffusers";
import { taesdDecoder } from "../support/taesd";
import { serveFiles } from "./support/files";
import { useBrowser } from "./support/page";

const run = promisify(execFile);
const { open } = useBrowser();

let folder: string;
let server: Awaited<ReturnType<typeof serveFiles>>;

/** Packs the package, installs the tarball in an empty folder, and serves that folder as it is. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "burnish-package-"));
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", folder], {
    cwd: "npm",
  });
  const [packed] = JSON.parse(stdout) as [{ filename: string }];
  await writeFile(join(folder, "package.json"), '{ "private": true }');
  const install = ["install", "--offline", "--no-audit", "--no-fund", packed.filename];
  await run("npm", install, { cwd: folder });
  await mkdir(join(folder, "site"));
  server = await serveFiles(folder);
}, 120_000);

afterAll(async () => {
  server?.close();
  await rm(folder, { recursive: true, force: true });
});

test("the example of its README runs from the packed tarball, without a bundler", async () => {
  const readme = await readFile("npm/README.md", "utf8");
  const example = /```js\n(.*?)```/s.exec(readme)?.[1] ?? "";
  expect(example.trim().split("\n").length, "lines of the example").toBeLessThanOrEqual(12);
  // The same, on the build that needs no adapter and with the fewest steps.
  const quick = example
    .replace("createBurnish()", 'createBurnish({ backend: "cpu" })')
    .replace("steps: 12", "steps: 1");
  expect(quick).not.toBe(example);
  await writeFile(join(folder, "site", "index.html"), pageWith(quick));

  const page = await open({ address: `${server.address}/site/index.html` });
  await expect.poll(() => page.title(), { timeout: 200_000 }).not.toBe("working");
  expect(await page.title()).toBe("done");
  const { inside, outside } = await page.evaluate(() => {
    const changes = (window as unknown as { changes(): { inside: number; outside: number } })
      .changes;
    return changes();
  });
  expect(inside, "pixels changed under the mask").toBeGreaterThan(1000);
  expect(outside, "pixels changed far from the mask").toBe(0);
});

test("hooks of the caller's own look in on a run, change it and end it", async () => {
  const script = `
    import { createBurnish, embeddedModel } from "burnish";
    const burnish = await createBurnish({ backend: "cpu" });
    await burnish.load_pipe(embeddedModel());
    const pictures = [context, maskContext].map((canvas) => canvas.getImageData(0, 0, 512, 384));
    const [image, mask] = pictures;
    const detail = (hook) =>
      burnish.detail_segs({ image, mask, prompt: "a man", settings: { steps: 1 }, hooks: [hook] });
    const asked = [];
    const { refined } = await detail({
      asked,
      touch_scaled_size(width, height) {
        this.asked.push([width, height].every((side) => side > 64));
        return [64, 72];
      },
      async post_encode({ samples, shape }) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        this.asked.push(samples.length, shape.join());
      },
      pre_ksample: (settings, { index, count }) => {
        asked.push(settings.steps, index, count);
        return { steps: 2, seed: "18446744073709551615" };
      },
      get_custom_noise: (seed, [, channels, height, width]) => {
        asked.push(seed);
        return new Float32Array(channels * height * width);
      },
      post_decode: ({ data, height, width, channels }) => {
        asked.push([height, width, channels].join());
        return data.fill(1);
      },
    });
    const failed = (hook) => detail(hook).catch(({ code, message }) => ({ code, message }));
    const failures = [
      await failed({ post_paste: () => { throw new Error("enough"); } }),
      await failed({ post_decode: () => new Float32Array(3) }),
      await failed({ touch_scaled_size: () => "large" }),
      await failed({ pre_ksample: () => ({ steps: 0 }) }),
    ];
    window.seen = { asked, failures, white: refined[0].data.every((value) => value === 255) };`;
  await writeFile(join(folder, "site", "hooks.html"), pageWith(script));
  const page = await open({ address: `${server.address}/site/hooks.html` });
  await expect.poll(() => page.title(), { timeout: 200_000 }).not.toBe("working");
  expect(await page.title()).toBe("done");
  const seen = await page.evaluate(() => (window as unknown as { seen: unknown }).seen);
  expect(seen).toEqual({
    asked: [true, 4 * 9 * 8, "1,4,9,8", 1, 0, 1, "0", "72,64,3"],
    white: true,
    failures: [
      { code: "hook", message: "the hook's post_paste failed: enough" },
      {
        code: "hook",
        message: expect.stringMatching(/^the hook's post_decode failed: it gave 3 numbers where/),
      },
      {
        code: "hook",
        message:
          "the hook's touch_scaled_size failed: it must give [width, height], whole numbers from 0 to 8192",
      },
      {
        code: "hook",
        message: "the hook's pre_ksample failed: steps is 0, it must be between 1 and 10000",
      },
    ],
  });
});

test("a pipeline's files come as parts, and previews are painted by TAESD", async () => {
  const files = { ...(await portraitPipeline()), "taesd.safetensors": taesdDecoder() };
  for (const [path, bytes] of Object.entries(files)) {
    const at = join(folder, "site", "parts", path);
    await mkdir(dirname(at), { recursive: true });
    await writeFile(at, bytes);
  }
  const script = `
    import { createBurnish, embeddedModel } from "burnish";
    const burnish = await createBurnish({ backend: "cpu" });
    const pictures = [context, maskContext].map((canvas) => canvas.getImageData(0, 0, 512, 384));
    const [image, mask] = pictures;
    const settings = { ...embeddedModel().manifest.recommended, steps: 1, seed: "5" };
    const widths = [];
    const detail = async () => {
      const on_event = ({ type, width }) => type === "preview" && widths.push(width);
      const { refined } = await burnish.detail_segs(
        { image, mask, prompt: "a man", settings }, { on_event });
      return refined[0].data.join();
    };
    await burnish.load_pipe(embeddedModel());
    const single = await detail();
    const parts = ["unet/diffusion_pytorch_model", "vae/diffusion_pytorch_model", "text_encoder/model"]
      .map((path) => ({ url: new URL(\`/site/parts/\${path}.safetensors\`, location.href).href }));
    const model = { parts, name: "drawn", manifest: { name: "drawn", file: "", clip_heads: 4 } };
    const { title, usable_as } = await burnish.recognise(model);
    const { message } = await burnish
      .load_pipe({ parts: parts.slice(1), name: "drawn" })
      .catch((error) => error);
    await burnish.load_pipe(model);
    await burnish.load_taesd({ url: new URL("/site/parts/taesd.safetensors", location.href).href });
    const isSame = (await detail()) === single;
    await burnish.load_taesd(null);
    await detail();
    window.seen = { title, usable_as, message, isSame, ratios: widths.map((width) => width / widths[0]) };`;
  await writeFile(join(folder, "site", "parts.html"), pageWith(script));
  const page = await open({ address: `${server.address}/site/parts.html` });
  await expect.poll(() => page.title(), { timeout: 200_000 }).not.toBe("working");
  expect(await page.title()).toBe("done");
  const seen = await page.evaluate(() => (window as unknown as { seen: unknown }).seen);
  expect(seen).toEqual({
    title: "Stable Diffusion 1.x checkpoint",
    usable_as: "checkpoint",
    message: expect.stringContaining("none of its files is a UNet"),
    isSame: true,
    ratios: [1, 8, 1],
  });
});

test("the package has types for what it exports", async () => {
  const types = await readFile(
    join(folder, "node_modules/burnish/dist/types/npm/src/index.d.ts"),
    "utf8",
  );
  for (const name of [
    "createBurnish",
    "embeddedModel",
    "EngineError",
    "interface Burnish",
    "hooks?",
  ]) {
    expect(types).toContain(name);
  }
});

/** A page with a grey picture, a white disc as mask, and `script` as its module. */
function pageWith(script: string): string {
  return `<!doctype html><title>working</title><link rel="icon" href="data:," />
<script type="importmap">
  { "imports": { "burnish": "/node_modules/burnish/dist/burnish.js" } }
</script>
<script>
  const make = () => Object.assign(document.createElement("canvas"), { width: 512, height: 384 });
  const context = make().getContext("2d", { willReadFrequently: true });
  const maskContext = make().getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#889";
  context.fillRect(0, 0, 512, 384);
  maskContext.fillRect(0, 0, 512, 384);
  maskContext.fillStyle = "white";
  maskContext.arc(256, 192, 40, 0, 7);
  maskContext.fill();
  const before = context.getImageData(0, 0, 512, 384).data;
  function changes() {
    const after = context.getImageData(0, 0, 512, 384).data;
    let inside = 0, outside = 0;
    for (let at = 0; at < after.length; at += 4) {
      if (after[at] === before[at] && after[at + 1] === before[at + 1]) continue;
      const x = (at / 4) % 512, y = Math.floor(at / 4 / 512);
      if (Math.hypot(x - 256, y - 192) < 40) inside++;
      else if (Math.hypot(x - 256, y - 192) > 60) outside++;
    }
    return { inside, outside };
  }
  addEventListener("error", ({ message }) => (document.title = "failed: " + message));
  addEventListener("unhandledrejection", ({ reason }) => (document.title = "failed: " + reason.message));
</script>
<script type="module">
${script}
document.title = "done";
</script>`;
}
