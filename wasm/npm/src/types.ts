/** What a file says of itself. */
export type ImageInfo = {
  /** By content; the file's name plays no part. AVIF and HEIC can be rendered by `roundel/studio` only, where the browser decodes them. */
  format: "jpeg" | "png" | "webp" | "gif" | "bmp" | "avif" | "heic";
  /** Pixels, as a person sees the picture: after orientation. */
  width: number;
  /** Pixels, as a person sees the picture: after orientation. */
  height: number;
  /** EXIF number, as stored. */
  orientation: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;
  hasAlpha: boolean;
  /** 1 for a still. */
  frames: number;
  colorSpace: "srgb" | "display-p3" | "adobe-rgb" | "gray" | "cmyk" | "other";
  /** EXIF, XMP, IPTC, comments, text or bytes after the end. */
  hasMetadata: boolean;
};

/** A rectangle of whole pixels; x grows to the right, y downwards. */
export type Crop = { x: number; y: number; width: number; height: number };

/** How a picture is to be made. Steps in their order: the file's orientation, rotate, flip, straighten, crop, resize, encode. */
export type Recipe = {
  /** Pixels, 1..4096. Default 256. */
  width?: number | undefined;
  /** Pixels, 1..4096. Default 256. */
  height?: number | undefined;
  /** `cover` fills the output and cuts off what sticks out; `contain` shows everything. Default `cover`. */
  fit?: "cover" | "contain" | undefined;
  /** Pixels as a person sees the picture, after orientation, rotate and flip. Default: everything; see `straighten`. */
  crop?: Crop | undefined;
  /** Degrees clockwise. Default 0. */
  rotate?: 0 | 90 | 180 | 270 | undefined;
  /** Mirror left to right, after `rotate`. Default false. */
  flip?: boolean | undefined;
  /**
   * Hundredths of a degree clockwise, -4500..4500. Default 0. Turns the picture about its centre, after `rotate` and `flip`. A `crop` is still given in the
   * rectangle of the picture before this turn; where it reaches beyond the edges of the turned picture, the output is transparent, or `background`. Without
   * a crop, `cover` takes the largest centred part that lies wholly within the turned picture, and `contain` the upright rectangle round it.
   */
  straighten?: number | undefined;
  /** `#rrggbb`, where the output has no alpha. Default `#ffffff`. */
  background?: string | undefined;
  /** Default `jpeg`. `webp` keeps alpha, as `png` does; `gif` has 256 colours, and of alpha only there or not there. */
  format?: "jpeg" | "png" | "webp" | "gif" | undefined;
  /** 1..100. Default 80. Of `webp`, 100 is lossless; of `gif`, less than 80 is fewer colours. */
  quality?: number | undefined;
  /** Lower the quality until the file has at most so many bytes. */
  maxBytes?: number | undefined;
  /** Default `best`. */
  effort?: "fast" | "best" | undefined;
  /** Keep an animation, in any format but `jpeg`. Default false: its first frame. */
  animate?: boolean | undefined;
};

/** What one picture may cost; looked at before anything is allocated. */
export type Limits = {
  /** Most pixels of a source. Default 50,000,000. */
  maxPixels?: number | undefined;
  /** Most bytes that decoding and resampling may take, beyond the file and the result. Default 50,331,648 (48 MiB). */
  memoryBudgetBytes?: number | undefined;
  /** Most frames of an animation that is kept. Default 500. */
  maxFrames?: number | undefined;
  /** Most pixels of all its frames together. Default 400,000,000. */
  maxAnimationPixels?: number | undefined;
  /** Make a picture of what is there of a file that was cut off; the rest is grey, or transparent. Default false: it is refused. */
  allowTruncated?: boolean | undefined;
};

/** A finished picture. */
export type Rendered = {
  /** The encoded file: the picture and nothing of the source's metadata. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Pixels. */
  width: number;
  /** Pixels. */
  height: number;
  contentType: string;
  /** SHA-256 of `bytes`, hexadecimal. */
  sha256: string;
  /** ThumbHash of the picture, base64. */
  thumbhash: string;
  /** The quality used, 1..100; less than asked for where `maxBytes` needed it. */
  quality: number;
  /** 1 for a still. */
  frames: number;
  /** Who decoded the photo: `browser` for what went through its decoder, in `roundel/studio`, or through `renderPixels`. */
  source: "roundel" | "browser";
};

/** Decoded pixels as a person sees them: red, green, blue and alpha of each, row by row; sRGB, alpha not premultiplied. `ImageData` is one. */
export type PixelSource = { data: Uint8Array | Uint8ClampedArray; width: number; height: number };

/** The picture for a person who has none. */
export type DefaultPicture = {
  /** `initials`: up to two letters of the name, head and shoulders where none can be drawn; `identicon`: a pattern. Default `initials`. */
  kind?: "initials" | "identicon" | undefined;
  /** For the initials. Default empty: head and shoulders. */
  name?: string | undefined;
  /** Decides the colours and the pattern: something of the person that stays, such as the account's ID. Default empty. */
  seed?: string | undefined;
  /** Pixels, 1..4096. Default 256. */
  width?: number | undefined;
  /** Pixels, 1..4096. Default 256. */
  height?: number | undefined;
  /** Default `png`: flat colours are smaller in it, and sharper. */
  format?: Recipe["format"];
  /** Of JPEG and WebP, 1..100. Default 80. Of `webp`, 100 is lossless. */
  quality?: number | undefined;
};
