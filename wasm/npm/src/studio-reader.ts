/** Reads the files of a studio's jobs, on whatever thread they are done. */

/** A larger file is read anew for each job, rather than kept. */
const MOST_KEPT_BYTES = 32 * 1024 * 1024;

export class PhotoReader {
  #last: { number: number; bytes: Uint8Array } | undefined;

  /**
   * The file's bytes. The one that was read last is kept: whoever places a photo has it looked at, shown, and cut again and again.
   *
   * @param number the same for the same file
   * @param begin called where there is something to wait for
   */
  async read(photo: Blob, number: number | undefined, begin: () => void): Promise<Uint8Array> {
    if (this.#last !== undefined && this.#last.number === number) return this.#last.bytes;
    this.#last = undefined;
    begin();
    const bytes = new Uint8Array(await photo.arrayBuffer());
    if (number !== undefined && bytes.length <= MOST_KEPT_BYTES) this.#last = { number, bytes };
    return bytes;
  }
}
