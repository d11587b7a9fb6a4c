/** What a drop or a choice of files brings, with all that lies in its folders. */

import type { Dropped } from "./diffusers/sort";

/** Most files of a folder that are looked at: a model has a few dozen, a clip's frames some thousands. */
const MOST_FILES = 10_000;

/** A folder that holds more than anybody means. */
export class FolderError extends Error {
  constructor(name: string) {
    super(`“${name}” holds more than ${MOST_FILES} files. Drop a smaller one.`);
    this.name = "FolderError";
  }
}

/** Whether the drop has a folder in it. */
export function hasFolder({ items }: DataTransfer): boolean {
  return [...items].some((item) => item.webkitGetAsEntry()?.isDirectory);
}

/**
 * The files of a drop and of its folders. Entries are taken at once: the drop forgets them when its
 * event is over.
 */
export async function filesIn({ items }: DataTransfer): Promise<Dropped[]> {
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const found: Dropped[] = [];
  for (const entry of entries) await collect(entry, entry.name, found);
  return found;
}

/** Files of an input; of one for folders their paths are known. */
export function chosenIn({ files }: HTMLInputElement): Dropped[] {
  return [...(files ?? [])].map((file) => {
    return { path: file.webkitRelativePath || file.name, file };
  });
}

async function collect(entry: FileSystemEntry, top: string, found: Dropped[]): Promise<void> {
  if (found.length >= MOST_FILES) throw new FolderError(top);
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    found.push({ path: entry.fullPath.replace(/^\//, ""), file });
  } else if (isFolder(entry)) {
    if (entry.name.startsWith(".")) return;
    for (const inner of await entriesOf(entry)) await collect(inner, top, found);
  }
}

/** A reader hands out a hundred entries at a time. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return all;
    all.push(...some);
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
