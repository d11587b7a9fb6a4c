import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serveFiles } from "./support/files";
import { useBrowser } from "./support/page";

const run = promisify(execFile);
const { open } = useBrowser();

let folder: string;
let files: Awaited<ReturnType<typeof serveFiles>>;

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
  files = await serveFiles(folder);
}, 120_000);

afterAll(async () => {
  files?.close();
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

  const page = await open({ address: `${files.address}/site/index.html` });
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

test("the package has types for what it exports", async () => {
  const types = await readFile(
    join(folder, "node_modules/burnish/dist/types/npm/src/index.d.ts"),
    "utf8",
  );
  for (const name of ["createBurnish", "embeddedModel", "EngineError", "interface Burnish"]) {
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
