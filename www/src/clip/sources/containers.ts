/** The containers clips are read from. Worker only. */

import { MATROSKA, MP4, QTFF, WEBM } from "mediabunny";

export const FORMATS = [MP4, QTFF, WEBM, MATROSKA];
