import { ensureDebianPackages, hasApt } from "./debian.ts";

/**
 * The WebP decoder is held against libwebp's program `dwebp`, on files of `cwebp` and of libvpx's `vpxenc`; where there is no apt, those tests run
 * where the programs are on the PATH.
 */
export async function ensureLibwebp(): Promise<void> {
  if (hasApt()) await ensureDebianPackages(["webp", "vpx-tools"], "the tests compare decoded WebP samples with dwebp");
}
