/** True in builds for development and tests, which carry the stand-in engine. */
declare const __WITH_FAKE_ENGINE__: boolean;
