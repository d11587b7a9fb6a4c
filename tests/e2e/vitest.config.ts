import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Drives the built page (`www/dist`) in the system's Chromium, one flow after the other. */
export default defineConfig({
  test: {
    root: fileURLToPath(new URL("../..", import.meta.url)),
    include: ["tests/e2e/**/*.test.ts"],
    globalSetup: "tests/e2e/support/server.ts",
    fileParallelism: false,
    // Sampling on two processor cores is slow; a hang is still a failure.
    testTimeout: 300_000,
    hookTimeout: 60_000,
    // A browser on a machine shared with other work now and then loses a frame; twice is a failure.
    retry: process.env.CI ? 1 : 0,
    expect: { poll: { timeout: 30_000 } },
  },
});
