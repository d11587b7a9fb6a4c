// The licences of all packages the page and its workers are built from.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A package's folder, in the path of one of its modules. */
const FOLDER = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;

/** Vite plugins for the build of the page and of its workers; the page's writes the file. */
export function licences(fileName) {
  const folders = new Set();
  const note = (bundle) => {
    const chunks = Object.values(bundle).filter(({ type }) => type === "chunk");
    for (const id of chunks.flatMap(({ modules }) => Object.keys(modules))) {
      const folder = FOLDER.exec(id)?.[0];
      if (folder) folders.add(folder);
    }
  };
  const inWorker = () => ({
    name: "burnish-licences-of-workers",
    generateBundle: (_, bundle) => note(bundle),
  });
  const inPage = () => ({
    name: "burnish-licences",
    apply: "build",
    generateBundle(_, bundle) {
      note(bundle);
      const source = [...folders].sort().map(licenceOf).join("\n");
      this.emitFile({ type: "asset", fileName, source: `# Licences\n\n${source}` });
    },
  });
  return { inPage, inWorker };
}

/** Name, place of the source, and the text of its licence. */
function licenceOf(folder) {
  const { name, version, license, repository, homepage } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  );
  const source = repository?.url ?? repository ?? homepage ?? "";
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? readFileSync(join(folder, file), "utf8").trim() : "";
  return `## ${name} ${version}\n\n${license}; source: ${source}\n\n${text}\n`;
}
