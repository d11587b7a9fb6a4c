/** MP4 and WebM, as the browser encodes them, with the sound of the file they came from. Worker only. */

import {
  AudioSampleSink,
  AudioSampleSource,
  BlobSource,
  BufferTarget,
  canEncodeAudio,
  canEncodeVideo,
  EncodedAudioPacketSource,
  EncodedPacketSink,
  Input,
  Mp4OutputFormat,
  Output,
  QUALITY_HIGH,
  QUALITY_VERY_HIGH,
  VideoSample,
  VideoSampleSource,
  WebMOutputFormat,
  type InputAudioTrack,
} from "mediabunny";
import { ClipError } from "../errors";
import { fpsOf, lengthOf, type Film } from "../film";
import type { Saved } from "../protocol";
import { FORMATS } from "../sources/containers";
import type { Tell } from "../sources/source";
import {
  codecFor,
  codecTitle,
  CONTAINERS,
  soundPlan,
  type Container,
  type SoundPlan,
  type VideoName,
} from "./formats";
import type { Frames } from "./still-frames";

/** Which codecs this browser encodes pictures of that size with. */
export async function encodable({ width, height }: Film): Promise<Set<VideoName>> {
  const names = [...new Set(CONTAINERS.flatMap(({ video }) => video))];
  const can = await Promise.all(
    names.map((codec) => canEncodeVideo(codec, { width, height, quality: QUALITY_VERY_HIGH })),
  );
  return new Set(names.filter((_, at) => can[at]));
}

export async function saveVideo(
  name: Container["name"],
  { film, sound }: { film: Film; sound: Blob | null },
  frames: Frames,
  tell: Tell,
): Promise<Saved> {
  const container = CONTAINERS.find((row) => row.name === name)!;
  const codec = codecFor(container, await encodable(film));
  if (!codec) {
    throw new ClipError(`This browser cannot encode ${container.title}. Save another format.`);
  }
  const target = new BufferTarget();
  const format = name === "mp4" ? new Mp4OutputFormat() : new WebMOutputFormat();
  const output = new Output({ format, target });
  const video = new VideoSampleSource({ codec, quality: QUALITY_VERY_HIGH });
  output.addVideoTrack(video, { frameRate: Math.round(fpsOf(film) * 1000) / 1000 });
  const input = sound && new Input({ formats: FORMATS, source: new BlobSource(sound) });
  try {
    const track = (await input?.getPrimaryAudioTrack()) ?? null;
    const plan = soundPlan(
      container,
      (await track?.getCodec()) ?? null,
      track !== null && (await track.canDecode()) && (await canEncodeAudio("opus")),
    );
    const addSound = track && soundOf(output, track, plan);
    await output.start();
    // The pictures begin at 0; what was before them of the sound goes.
    const begin = input && (await (await input.getPrimaryVideoTrack())?.getFirstTimestamp());
    const soundDone = addSound?.(begin ?? 0);
    // Should the pictures fail first, nobody waits for it any more.
    soundDone?.catch(() => {});
    let at = 0;
    for await (const { canvas } of frames) {
      const duration = lengthOf(film, at);
      const sample = new VideoSample(canvas, { timestamp: film.times[at] ?? 0, duration });
      await video.add(sample);
      sample.close();
      tell(++at, film.times.length);
    }
    video.close();
    await soundDone;
    await output.finalize();
    if (!target.buffer) throw new ClipError("The browser gave no file. Save another format.");
    const blob = new Blob([target.buffer], { type: format.mimeType });
    return { blob, ending: name, note: noteOf(container, codec, plan, film.audio) };
  } catch (error) {
    if (output.state === "started") await output.cancel();
    throw error;
  } finally {
    input?.dispose();
  }
}

/** Adds a track for the sound; gives what fills it, from `begin` on. */
function soundOf(
  output: Output,
  track: InputAudioTrack,
  plan: SoundPlan,
): ((begin: number) => Promise<void>) | null {
  if (plan.do === "copy") {
    const codec = track.codec!;
    const source = new EncodedAudioPacketSource(codec);
    output.addAudioTrack(source);
    return async (begin) => {
      const decoderConfig = (await track.getDecoderConfig()) ?? undefined;
      for await (const packet of new EncodedPacketSink(track).packets()) {
        const timestamp = packet.timestamp - begin;
        if (timestamp < -1e-3) continue;
        await source.add(
          packet.clone({ timestamp: Math.max(timestamp, 0) }),
          decoderConfig && { decoderConfig },
        );
      }
      source.close();
    };
  }
  if (plan.do !== "encode") return null;
  const source = new AudioSampleSource({ codec: plan.codec, quality: QUALITY_HIGH });
  output.addAudioTrack(source);
  return async (begin) => {
    for await (const sample of new AudioSampleSink(track).samples(begin)) {
      sample.setTimestamp(Math.max(sample.timestamp - begin, 0));
      await source.add(sample);
      sample.close();
    }
    source.close();
  };
}

function noteOf(
  { title }: Container,
  codec: VideoName,
  plan: SoundPlan,
  audio: string | null,
): string {
  const saved = `Saved as ${title} with ${codecTitle(codec)}`;
  switch (plan.do) {
    case "nothing":
      return `${saved}.`;
    case "copy":
      return `${saved}; the sound is the clip’s own ${codecTitle(audio ?? "")}.`;
    case "encode":
      return `${saved}; the sound was encoded anew as ${codecTitle(plan.codec)}.`;
    case "drop":
      return `${saved}. ${plan.why}`;
  }
}
