/**
 * Whether a file tells where its photo was taken: a latitude in the GPS directory of its EXIF data (CIPA DC-008, Exif 2.32, section 4.6.6), or in its XMP
 * packet. Reads headers only; a file that is damaged tells nothing.
 */

/** Of a file so much is read at most, in bytes: metadata that is longer holds no position anybody would miss. */
const MAX_METADATA_BYTES = 1024 * 1024;

/** Segments or chunks of a file. */
const MAX_PARTS = 10_000;

const TAG_GPS_DIRECTORY = 0x8825;
const TAG_LATITUDE = 2;

export async function hasPosition(file: Blob): Promise<boolean> {
  const start = await read(file, 0, 16);
  const text = latin1(start);
  if (start[0] === 0xff && start[1] === 0xd8) return anyOf(jpegMetadata(file));
  if (start[0] === 0x89 && text.slice(1, 4) === "PNG") return anyOf(chunks(file, 8, { nameFirst: false, bigEndian: true, extra: 4, wanted: ["eXIf", "iTXt", "tEXt", "zTXt"] }));
  if (text.startsWith("RIFF") && text.slice(8, 12) === "WEBP") return anyOf(chunks(file, 12, { nameFirst: true, bigEndian: false, extra: 0, wanted: ["EXIF", "XMP "] }));
  // HEIC and AVIF keep both in items that lie anywhere; their marks can be looked for.
  if (text.slice(4, 8) === "ftyp") return tellsPosition(await read(file, 0, MAX_METADATA_BYTES));
  return false;
}

async function anyOf(blocks: AsyncGenerator<Uint8Array>): Promise<boolean> {
  for await (const block of blocks) if (tellsPosition(block)) return true;
  return false;
}

/** The APP1 segments before the first scan (ITU-T T.81, B.1.1.4). */
async function* jpegMetadata(file: Blob): AsyncGenerator<Uint8Array> {
  let at = 2;
  for (let part = 0; part < MAX_PARTS; part++) {
    const [mark, marker = 0, high = 0, low = 0] = await read(file, at, 4);
    if (mark !== 0xff || marker === 0xda || marker === 0xd9) return;
    // Fill bytes may come before a marker.
    if (marker === 0xff) {
      at++;
      continue;
    }
    const length = high * 256 + low;
    if (length < 2) return;
    if (marker === 0xe1) yield read(file, at + 4, length - 2);
    at += 2 + length;
  }
}

type ChunkLayout = {
  readonly nameFirst: boolean;
  readonly bigEndian: boolean;
  /** Bytes after a chunk's data: PNG's checksum. */
  readonly extra: number;
  readonly wanted: readonly string[];
};

/** The chunks of PNG (W3C PNG, 5.3) and of RIFF, which WebP is (RFC 9649, 2.3). */
async function* chunks(file: Blob, from: number, { nameFirst, bigEndian, extra, wanted }: ChunkLayout): AsyncGenerator<Uint8Array> {
  let at = from;
  for (let part = 0; part < MAX_PARTS && at + 8 <= file.size; part++) {
    const head = await read(file, at, 8);
    if (head.length < 8) return;
    const name = latin1(nameFirst ? head.subarray(0, 4) : head.subarray(4));
    const length = new DataView(head.buffer).getUint32(nameFirst ? 4 : 0, !bigEndian);
    if (wanted.includes(name)) yield read(file, at + 8, Math.min(length, MAX_METADATA_BYTES));
    // RIFF fills up to an even length.
    at += 8 + length + extra + (nameFirst ? length % 2 : 0);
  }
}

/** Whether a block of metadata, EXIF or XMP, holds a latitude. */
function tellsPosition(block: Uint8Array): boolean {
  const text = latin1(block);
  if (text.includes("GPSLatitude")) return true;
  for (const mark of ["II*\0", "MM\0*"]) {
    for (let at = text.indexOf(mark), tries = 0; at >= 0 && tries < 16; at = text.indexOf(mark, at + 1), tries++) {
      if (hasLatitude(block.subarray(at), mark === "II*\0")) return true;
    }
  }
  return false;
}

/** Follows a TIFF block's first directory to its GPS directory (TIFF 6.0, section 2). */
function hasLatitude(tiff: Uint8Array, littleEndian: boolean): boolean {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const value = (directory: number, tag: number): number | undefined => {
    if (directory + 2 > tiff.length) return undefined;
    const entries = view.getUint16(directory, littleEndian);
    for (let entry = 0; entry < entries; entry++) {
      const at = directory + 2 + entry * 12;
      if (at + 12 > tiff.length) return undefined;
      if (view.getUint16(at, littleEndian) === tag) return view.getUint32(at + 8, littleEndian);
    }
    return undefined;
  };
  if (tiff.length < 8) return false;
  const gps = value(view.getUint32(4, littleEndian), TAG_GPS_DIRECTORY);
  return gps !== undefined && value(gps, TAG_LATITUDE) !== undefined;
}

async function read(file: Blob, at: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await file.slice(at, at + length).arrayBuffer());
}

/** One character a byte; those from 0x80 on are not looked for. */
function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}
