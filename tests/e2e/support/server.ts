/** Serves the built page while the tests run. */

import type { TestProject } from "vitest/node";
// @ts-expect-error plain JavaScript, without declarations
import { servePage } from "../../../scripts/lib/page.mjs";

declare module "vitest" {
  interface ProvidedContext {
    address: string;
  }
}

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const { url, close } = await servePage();
  provide("address", url);
  return close;
}
