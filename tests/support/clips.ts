/** Clips made by ffmpeg, a Debian package that `scripts/setup.mjs --browser` installs. */

import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Whether there is an ffmpeg; elsewhere than on Debian nothing installs one. */
export function hasFfmpeg(): boolean {
  try {
    execFileSync("ffmpeg", ["-version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const folder = () => mkdtempSync(join(tmpdir(), "burnish-clip-"));

interface Wanted {
  name: string;
  size?: string;
  rate?: number;
  seconds?: number;
  /** A tone as its sound, too. */
  sound?: boolean;
  /** What ffmpeg draws; a picture with a clock in it by default. */
  source?: string;
}

/** A clip as a file's bytes; the codecs are what its name's ending usually holds. */
export async function makeClip(wanted: Wanted): Promise<Buffer> {
  const { name, size = "1280x720", rate = 30, seconds = 5, sound = false } = wanted;
  const source = wanted.source ?? `testsrc2=size=${size}:rate=${rate}:duration=${seconds}`;
  const tone = ["-f", "lavfi", "-i", `sine=frequency=440:duration=${seconds}`];
  const video = name.endsWith(".webm")
    ? ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "4M"]
    : [];
  const path = join(folder(), name);
  await run("ffmpeg", [
    ...["-v", "error", "-y", "-f", "lavfi", "-i", source],
    ...(sound ? tone : []),
    ...video,
    path,
  ]);
  return readFile(path);
}

export interface Probed {
  frames: number;
  /** Frames a second. */
  rate: number;
  /** In seconds. */
  duration: number;
  codecs: string[];
}

/** What a clip holds, by decoding every frame of it. */
export async function probe(name: string, bytes: Uint8Array): Promise<Probed> {
  const path = join(folder(), name);
  await writeFile(path, bytes);
  const { stdout } = await run("ffprobe", [
    ...["-v", "error", "-count_frames", "-of", "json"],
    ...["-show_entries", "stream=codec_name,codec_type,nb_read_frames,avg_frame_rate"],
    ...["-show_entries", "format=duration", path],
  ]);
  const { streams, format } = JSON.parse(stdout) as {
    streams: { codec_name: string; codec_type: string; [key: string]: string }[];
    format: { duration?: string };
  };
  const video = streams.find(({ codec_type }) => codec_type === "video");
  const [count = 0, per = 1] = (video?.avg_frame_rate ?? "0/1").split("/").map(Number);
  return {
    frames: Number(video?.nb_read_frames ?? 0),
    rate: count / per,
    duration: Number(format.duration ?? 0),
    codecs: streams.map(({ codec_name }) => codec_name),
  };
}
