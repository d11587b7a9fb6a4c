/**
 * What the page asks of the clip worker and what comes back, derived from {@link ClipCalls} as the
 * engine's protocol is. No code here, only shapes.
 */

import type { Failure, MaskPixels, Pixels, Region } from "../engine/protocol";
import type { SegsPart } from "../state/jobs";
import type { Film, Span } from "./film";
import type { FormatName, Format } from "./export/formats";
import type { Similarity } from "./masks/similarity";

/** A file under the name it came with. */
export interface NamedBlob {
  name: string;
  blob: Blob;
}

/** Everything about one frame. */
export interface Look {
  before: Pixels;
  /** With what was redrawn; null where nothing was. */
  after: Pixels | null;
  mask: MaskPixels;
}

/** The same, ready to be drawn. */
export interface Shown {
  before: ImageBitmap;
  after: ImageBitmap | null;
  /** The mask in the paint's colour. */
  mask: ImageBitmap | null;
}

/** What is painted over a span of frames. */
export interface Painted {
  /** The most of every pixel. */
  mask: MaskPixels;
  /** Whether all frames have the same mask. */
  isStill: boolean;
  /** Frames that have any paint. */
  frames: number[];
}

/** How the tracker fared: motion frame by frame, and whether it lost what it followed. */
export interface Tracked {
  motion: Similarity[];
  lost: boolean;
}

/** A saved clip. */
export interface Saved {
  blob: Blob;
  /** Its name's ending. */
  ending: string;
  /** What it was written as, and what was left out. */
  note: string;
}

/** Every call the worker answers. */
export interface ClipCalls {
  /** Opens a clip in place of the one before, which stays if this fails; null for a still picture. */
  open: { takes: { files: NamedBlob[] }; gives: { film: Film | null } };
  look: { takes: { frame: number }; gives: Look };
  show: { takes: { frame: number; withMask: boolean }; gives: Shown };
  thumbnails: { takes: { frames: number[]; height: number }; gives: { pictures: ImageBitmap[] } };
  /** Paint on a key frame; null makes it one like others. */
  setKey: { takes: { frame: number; mask: MaskPixels | null }; gives: null };
  setMotion: { takes: { key: number; ahead?: Similarity[]; back?: Similarity[] }; gives: null };
  /** A clip whose brightness is the mask of each frame that has no paint of its own. */
  openMasks: { takes: { files: NamedBlob[] }; gives: { name: string } };
  closeMasks: { takes: Record<string, never>; gives: null };
  /** Follows the paint of `key` up to the frame `until`, forwards or backwards. */
  track: { takes: { key: number; until: number }; gives: Tracked };
  painted: { takes: { span: Span }; gives: Painted };
  /** The pixels of `region`, frame by frame. */
  crops: { takes: { frames: number[]; region: Region }; gives: { pictures: Pixels[] } };
  /** The masks of `region`, frame by frame. */
  maskCrops: { takes: { frames: number[]; region: Region }; gives: { masks: MaskPixels[] } };
  /** Lays pictures of `region` over the frames, as what was redrawn; of each only the part `only`. */
  patch: {
    takes: { frames: number[]; region: Region; only: Region; pictures: Pixels[] };
    gives: null;
  };
  /** Frames a second of a clip of pictures, which has no rate of its own. */
  setRate: { takes: { fps: number }; gives: { film: Film } };
  /** Forgets what was redrawn, or takes it for what the clip is from now on. */
  settle: { takes: { keep: boolean }; gives: null };
  /** One SEGS document of several, too long for the page to put together. */
  mergeSegs: { takes: { parts: readonly SegsPart[] }; gives: { blob: Blob } };
  formats: { takes: Record<string, never>; gives: { formats: Format[] } };
  save: { takes: { format: FormatName }; gives: Saved };
}

export type ClipCall = keyof ClipCalls;

/** Page to worker. `stop` makes the call of that id reject with code "cancelled". */
export type ClipRequest =
  | { [K in ClipCall]: { id: number; call: K; takes: ClipCalls[K]["takes"] } }[ClipCall]
  | { stop: number };

/** Worker to page. */
export type ClipReply =
  | { id: number; done: number; total: number }
  | { id: number; gives: ClipCalls[ClipCall]["gives"] }
  | { id: number; failure: Failure };
