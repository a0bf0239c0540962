/** The list that holds every runtime to the same bytes; see `wasm/tests/golden.rs`. */
import { readFileSync } from "node:fs";
import type { Recipe } from "../src/types.ts";

export type GoldenCase = { input: string; recipe: Recipe; sha256: string; /** Hexadecimal. */ thumbhash: string };

const tests = new URL("../../tests/", import.meta.url);

export const goldenCases: GoldenCase[] = JSON.parse(readFileSync(new URL("golden.json", tests), "utf8")) as GoldenCase[];

/** A drawn test picture of `wasm/tests/fixtures`. */
export function fixture(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(new URL(`fixtures/${name}`, tests)));
}
