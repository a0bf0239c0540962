/**
 * What a caller hands over, made into what the wasm module can take: bytes that stay as long as they say, and options of plain values. Whatever can run
 * code of the caller, a getter or a proxy, runs here and not in the middle of the module's work.
 */
import { RoundelError } from "./error.ts";

/** The prototype of all typed arrays: its getters tell the truth of any of them, whatever a subclass or another realm says. */
const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;

const told = (name: string | symbol, of: unknown): unknown => Reflect.get(typedArray, name, of);

/**
 * A plain view of the bytes of a `Uint8Array`, or of another kind of typed array. Empty where the memory was taken away: transferred, or shrunk.
 *
 * @returns nothing for what is none of these kinds.
 */
export function viewOf(value: unknown, kinds: readonly string[] = ["Uint8Array"]): Uint8Array | undefined {
  const kind = told(Symbol.toStringTag, value);
  if (typeof kind !== "string" || !kinds.includes(kind)) return undefined;
  const length = told("byteLength", value) as number;
  return length === 0 ? new Uint8Array(0) : new Uint8Array(told("buffer", value) as ArrayBufferLike, told("byteOffset", value) as number, length);
}

/**
 * The bytes of a file.
 *
 * @throws {RoundelError}
 */
export function fileBytes(value: unknown): Uint8Array {
  const bytes = viewOf(value);
  if (bytes !== undefined) return bytes;
  throw new RoundelError("unsupported_format", "the photo has to come as a Uint8Array of the file's bytes");
}

/** More members than this no options have; the module refuses the first of an unknown name anyway. */
const MAX_MEMBERS = 64;

/** Of any object that has them, such as a `DOMRect`. */
const CROP = ["x", "y", "width", "height"];

/**
 * A copy of options as they are now, in plain values.
 *
 * @param what the options are called where no single member is wrong
 * @throws {RoundelError}
 */
export function plain<T extends object>(options: T | undefined, what: string): T | undefined {
  // Of `null`, too.
  if (options === undefined || options === null) return undefined;
  let member = what;
  try {
    if (!isObject(options)) throw wrong(what, "it is not an object with members");
    const members = Object.keys(options).slice(0, MAX_MEMBERS).map((name) => {
      member = name;
      const value: unknown = (options as Record<string, unknown>)[name];
      return [name, name === "crop" && isObject(value) ? cropOf(value) : plainValue(value, name)];
    });
    return Object.fromEntries(members) as T;
  } catch (error) {
    throw error instanceof RoundelError ? error : wrong(member, "it cannot be read", error);
  }
}

function cropOf(crop: object): object {
  return Object.fromEntries(CROP.map((name) => [name, plainValue((crop as Record<string, unknown>)[name], "crop")]));
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value) && !(value instanceof String);
}

function plainValue(value: unknown, member: string): unknown {
  if (value === null || ["undefined", "boolean", "number", "string"].includes(typeof value)) return value;
  throw wrong(member, typeof value === "object" ? "an object is no value of it" : `a ${typeof value} is no value of it`);
}

function wrong(member: string, words: string, cause?: unknown): RoundelError {
  return new RoundelError("bad_recipe", `recipe member \`${member}\`: ${words}`, cause === undefined ? undefined : { cause });
}
