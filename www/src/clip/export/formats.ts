/** What a clip can be saved as, and by which codecs. Pure. */

export type FormatName = "mp4" | "webm" | "gif" | "apng" | "png-zip";

/** A way to save a clip in this browser. */
export interface Format {
  name: FormatName;
  /** As the page lists it. */
  label: string;
  /** Why this browser cannot, as a sentence; null when it can. */
  refusal: string | null;
}

/** A container for video: its codecs, the best first, and the sound it takes. */
export interface Container {
  name: "mp4" | "webm";
  title: string;
  video: readonly VideoName[];
  audio: readonly string[];
}

export type VideoName = "avc" | "vp9" | "av1" | "vp8";

/** H.264 plays everywhere and comes first where the browser encodes it at all. */
export const CONTAINERS: readonly Container[] = [
  {
    name: "mp4",
    title: "MP4",
    video: ["avc", "vp9", "av1"],
    audio: ["aac", "opus", "mp3", "flac", "ac3", "eac3"],
  },
  { name: "webm", title: "WebM", video: ["vp9", "vp8", "av1"], audio: ["opus", "vorbis"] },
];

const CODEC_TITLES: Record<string, string> = {
  avc: "H.264",
  vp9: "VP9",
  av1: "AV1",
  vp8: "VP8",
  aac: "AAC",
  opus: "Opus",
  mp3: "MP3",
  vorbis: "Vorbis",
  flac: "FLAC",
};

export function codecTitle(codec: string): string {
  return CODEC_TITLES[codec] ?? codec.toUpperCase();
}

/** The best of a container's codecs that can be encoded; null when there is none. */
export function codecFor(
  { video }: Container,
  canEncode: ReadonlySet<VideoName>,
): VideoName | null {
  return video.find((codec) => canEncode.has(codec)) ?? null;
}

/** All formats, with what `canEncode` makes of them. */
export function formatsFor(canEncode: ReadonlySet<VideoName>): Format[] {
  const videos = CONTAINERS.map((container): Format => {
    const codec = codecFor(container, canEncode);
    const { name, title } = container;
    return codec
      ? { name, label: `${title} (${codecTitle(codec)})`, refusal: null }
      : {
          ...{ name, label: title },
          refusal: `This browser cannot encode ${title}. Save another format.`,
        };
  });
  return [
    ...videos,
    { name: "gif", label: "GIF (256 colours)", refusal: null },
    { name: "apng", label: "APNG (lossless)", refusal: null },
    { name: "png-zip", label: "PNG files (ZIP)", refusal: null },
  ];
}

/** What becomes of the sound: copied as it is, encoded anew, or left out. */
export type SoundPlan =
  | { do: "nothing" }
  | { do: "copy" }
  | { do: "encode"; codec: "opus" }
  | { do: "drop"; why: string };

/** `canEncodeOpus` tells whether sound the container does not take can be made into what it does. */
export function soundPlan(
  container: Container,
  codec: string | null,
  canEncodeOpus: boolean,
): SoundPlan {
  if (codec === null) return { do: "nothing" };
  if (container.audio.includes(codec)) return { do: "copy" };
  if (canEncodeOpus && container.audio.includes("opus")) return { do: "encode", codec: "opus" };
  const why = `Its sound is ${codecTitle(codec)}, which does not go into ${container.title}; it was left out.`;
  return { do: "drop", why };
}
