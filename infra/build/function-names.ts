/**
 * The names of a WebAssembly module's functions, which panics and profiles show (WebAssembly Core Specification, appendix "Name Section"). rustc ends
 * each with a hash of its own, which nobody reads and gzip cannot make smaller: of the edge worker they were a fortieth.
 */

/** Sections with a name of their own. */
const CUSTOM = 0;
/** The part of the section `name` that is about functions. */
const FUNCTIONS = 1;
/** What rustc's legacy mangling puts behind the path of a function. */
const HASH = /::h[0-9a-f]{16}/g;

/** A module's bytes, or a part of them, as they are read from the front. */
class Reader {
  #at: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new RangeError("the module ends too early");
    return byte;
  }

  /** An unsigned number in LEB128. */
  number(): number {
    for (let value = 0, shift = 1; ; shift *= 128) {
      const byte = this.byte();
      value += (byte % 128) * shift;
      if (byte < 128) return value;
    }
  }

  /** As many bytes as the number before them says. */
  counted(): Uint8Array {
    const length = this.number();
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    if (bytes.length < length) throw new RangeError("the module ends too early");
    this.#at += length;
    return bytes;
  }

  rest(): Uint8Array {
    return this.#bytes.subarray(this.#at);
  }
}

function number(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...number(Math.floor(value / 128))];
}

const counted = (bytes: Uint8Array): Uint8Array => Buffer.concat([Uint8Array.from(number(bytes.length)), bytes]);

/** The same module; only its functions' names are shorter. */
export function withoutHashes(module: Uint8Array): Uint8Array {
  const header = module.subarray(0, 8);
  const sections = new Reader(module, header.length);
  const written: Uint8Array[] = [header];
  while (!sections.isAtEnd) {
    const kind = sections.byte();
    const content = sections.counted();
    written.push(Uint8Array.of(kind), counted(kind === CUSTOM ? shortened(content) : content));
  }
  return Buffer.concat(written);
}

/** A custom section: the one of the names with shorter names, others as they are. */
function shortened(section: Uint8Array): Uint8Array {
  const reader = new Reader(section);
  const name = reader.counted();
  if (Buffer.from(name).toString() !== "name") return section;
  const written: Uint8Array[] = [counted(name)];
  const parts = new Reader(reader.rest());
  while (!parts.isAtEnd) {
    const kind = parts.byte();
    const content = parts.counted();
    written.push(Uint8Array.of(kind), counted(kind === FUNCTIONS ? functionNames(content) : content));
  }
  return Buffer.concat(written);
}

function functionNames(content: Uint8Array): Uint8Array {
  const reader = new Reader(content);
  const count = reader.number();
  const written: Uint8Array[] = [Uint8Array.from(number(count))];
  for (let left = count; left > 0; left--) {
    written.push(Uint8Array.from(number(reader.number())));
    written.push(counted(Buffer.from(Buffer.from(reader.counted()).toString().replace(HASH, ""))));
  }
  return Buffer.concat(written);
}
