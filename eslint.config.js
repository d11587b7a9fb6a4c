import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

const nodeGlobals = {
  Buffer: "readonly",
  clearTimeout: "readonly",
  console: "readonly",
  fetch: "readonly",
  performance: "readonly",
  process: "readonly",
  setTimeout: "readonly",
  URL: "readonly",
};

export default defineConfig(
  globalIgnores([
    "**/node_modules/",
    "**/dist/",
    "**/target/",
    "bench/wasm/",
    "tests/e2e/wasm/",
    "out/",
    "www/public/",
    "www/src/wasm/",
  ]),
  js.configs.recommended,
  {
    files: ["**/*.{js,mjs}"],
    languageOptions: { globals: nodeGlobals },
  },
  {
    // Scripts also hold functions that are serialised and run inside a page.
    files: ["scripts/**/*.mjs", "tests/e2e/**/*.mjs"],
    languageOptions: {
      globals: { document: "readonly", navigator: "readonly", window: "readonly" },
    },
  },
  {
    // They run in a browser, or in Node with Dawn's globals.
    files: ["bench/**/*.mjs"],
    languageOptions: {
      globals: {
        GPUBuffer: "readonly",
        GPUBufferUsage: "readonly",
        GPUComputePassEncoder: "readonly",
        GPUDevice: "readonly",
        GPUQueue: "readonly",
        navigator: "readonly",
        SharedArrayBuffer: "readonly",
      },
    },
  },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strict],
    rules: {
      // `tsc` knows the globals of each half (page, worker); this rule does not.
      "no-undef": "off",
    },
  },
  {
    files: ["www/src/**/*.ts"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ["www/tsconfig.page.json", "www/tsconfig.worker.json"],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "max-lines": ["error", { max: 250, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    // Past the workers' edges every value has a type the compiler worked out.
    files: ["www/src/**/*.ts"],
    ignores: ["www/src/engine/**", "www/src/clip/client.ts", "www/src/clip/clip.worker.ts"],
    rules: {
      "@typescript-eslint/consistent-type-assertions": ["error", { assertionStyle: "never" }],
    },
  },
  {
    files: ["tests/**/*.ts"],
    rules: { "@typescript-eslint/no-non-null-assertion": "off" },
  },
  {
    // The style prefers `!` after a bounds check to a branch that cannot be reached.
    files: ["www/src/**/*.ts"],
    rules: { "@typescript-eslint/no-non-null-assertion": "off" },
  },
);
