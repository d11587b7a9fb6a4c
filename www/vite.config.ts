import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { VitePWA } from "vite-plugin-pwa";
import { licences } from "../scripts/lib/licences.mjs";

const root = fileURLToPath(new URL(".", import.meta.url));
const repository = fileURLToPath(new URL("..", import.meta.url));

/** Both wasm builds and the model are kept for offline use; the largest is the model. */
const LARGEST_CACHED_BYTES = 40 * 1024 * 1024;

/** Mediabunny's asks to say where its source is, the others to be passed on. */
const notices = licences("licences.md");

export default defineConfig(({ command, mode }) => ({
  root,
  base: "./",
  define: { __WITH_FAKE_ENGINE__: command === "serve" || mode === "test" },
  server: { fs: { allow: [repository] } },
  assetsInclude: ["**/*.safetensors"],
  worker: { format: "es", plugins: () => [notices.inWorker()] },
  build: { target: "es2023", outDir: "dist", emptyOutDir: true, assetsInlineLimit: 0 },
  test: { root: repository, include: ["tests/www/**/*.test.ts"] },
  plugins: [
    notices.inPage(),
    VitePWA({
      // A new version waits until the last tab of the old one is closed: the two do not mix.
      registerType: "prompt",
      // `lib/offline.ts` does it once the model is there, so that nothing is fetched twice at once.
      injectRegister: false,
      includeAssets: ["icon.svg", "icon-192.png"],
      manifest: {
        name: "Burnish",
        short_name: "Burnish",
        description: "Redraws the painted part of a picture, in this browser tab.",
        display: "standalone",
        start_url: "./",
        background_color: "#141517",
        theme_color: "#0b5f5b",
        categories: ["graphics", "photo"],
        icons: [
          { src: "icon-192.png", sizes: "192x192", type: "image/png" },
          { src: "icon-512.png", sizes: "512x512", type: "image/png" },
          {
            src: "icon-maskable-512.png",
            sizes: "512x512",
            type: "image/png",
            purpose: "maskable",
          },
          { src: "icon.svg", sizes: "any", type: "image/svg+xml" },
        ],
      },
      workbox: {
        clientsClaim: true,
        globPatterns: ["**/*.{html,js,css,svg,png,webp,wasm,safetensors,webmanifest}"],
        maximumFileSizeToCacheInBytes: LARGEST_CACHED_BYTES,
        ignoreURLParametersMatching: [/^engine$/, /^backend$/],
      },
    }),
  ],
}));
