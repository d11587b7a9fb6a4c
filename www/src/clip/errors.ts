/** Why a clip cannot be opened or saved. */

/** The message is a sentence for the user. */
export class ClipError extends Error {
  readonly code: string;

  constructor(message: string, code = "clip") {
    super(message);
    this.name = "ClipError";
    this.code = code;
  }
}
