import { ensureDebianPackages, hasApt } from "./debian.ts";

/** The JPEG decoder is held against libjpeg-turbo's program `djpeg`; where there is no apt, that test runs where `djpeg` is on the PATH. */
export async function ensureDjpeg(): Promise<void> {
  if (hasApt()) await ensureDebianPackages(["libjpeg-turbo-progs"], "the tests compare decoded JPEG samples with djpeg");
}
