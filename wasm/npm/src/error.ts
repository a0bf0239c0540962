/** The stable words for what can go wrong with a picture or a recipe. */
export type RoundelErrorCode =
  | "unsupported_format"
  | "truncated"
  | "malformed"
  | "too_many_pixels"
  | "too_many_frames"
  | "out_of_memory_budget"
  | "bad_recipe";

/** Why a picture was not made. The message is for a person: it says what was found and what to do. */
export class RoundelError extends Error {
  override readonly name = "RoundelError";
  readonly code: RoundelErrorCode;

  constructor(code: RoundelErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The plain object that the wasm module throws, and that crosses from the Web Worker. */
export type Failure = { code: RoundelErrorCode; message: string };

/** Whether something caught is the module's own typed failure. */
export function isFailure(caught: unknown): caught is Failure {
  return typeof caught === "object" && caught !== null && !(caught instanceof Error) && "code" in caught && "message" in caught;
}

/** For memory that the machine did not have. */
export function outOfMemory(cause: unknown): RoundelError {
  return new RoundelError("out_of_memory_budget", "the picture needs more memory than there is; make it smaller first", { cause });
}

/** For a picture on which the module itself stumbled. */
export function stumbled(cause: unknown): RoundelError {
  return new RoundelError("malformed", "the picture stopped the decoder; open it in a photo program and save it again", { cause });
}
