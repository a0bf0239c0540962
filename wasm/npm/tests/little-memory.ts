/** A module that runs out of memory soon: the way to a real trap. */

const MEMORY_SECTION = 5;
/** 64 KiB each. */
const SPARE_PAGES = 7;

/** Reads an unsigned LEB128 number; WebAssembly core specification, 5.2.2. */
function leb(bytes: Uint8Array, at: number): { value: number; next: number } {
  let [value, shift] = [0, 0];
  for (;;) {
    const byte = bytes[at++] ?? 0;
    value |= (byte & 0x7f) << shift;
    shift += 7;
    if (byte < 0x80) return { value, next: at };
  }
}

function toLeb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...toLeb(value >>> 7)];
}

/** The same module, but its memory may grow by a few pages only. */
export function withLittleMemory(module: Uint8Array): Uint8Array<ArrayBuffer> {
  for (let at = 8; at < module.length; ) {
    const size = leb(module, at + 1);
    const end = size.next + size.value;
    if (module[at] === MEMORY_SECTION) {
      // One memory, flags, least pages, and perhaps most pages.
      const least = leb(module, size.next + 2).value;
      const body = [1, 1, ...toLeb(least), ...toLeb(least + SPARE_PAGES)];
      return Uint8Array.from([...module.subarray(0, at), MEMORY_SECTION, ...toLeb(body.length), ...body, ...module.subarray(end)]);
    }
    at = end;
  }
  throw new Error("the module has no memory section");
}
