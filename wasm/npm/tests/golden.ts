/** The list that holds every runtime to the same bytes; see `wasm/tests/golden.rs`. */
import { readFileSync } from "node:fs";
import type { DefaultPicture, Recipe } from "../src/types.ts";

export type GoldenCase = { input: string; recipe: Recipe; sha256: string; /** Base64, as the package gives it. */ thumbhash: string };

const tests = new URL("../../tests/", import.meta.url);

export const goldenCases: GoldenCase[] = (JSON.parse(readFileSync(new URL("golden.json", tests), "utf8")) as GoldenCase[]).map(
  ({ thumbhash, ...rest }) => ({ ...rest, thumbhash: Buffer.from(thumbhash, "hex").toString("base64") }),
);

export const goldenDefaultPictures = JSON.parse(readFileSync(new URL("default-pictures.json", tests), "utf8")) as { options: DefaultPicture; sha256: string }[];

/** A drawn test picture of `wasm/tests/fixtures`. */
export function fixture(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(new URL(`fixtures/${name}`, tests)));
}
