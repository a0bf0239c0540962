import { readFileSync } from "node:fs";
import { inRoot } from "../../../infra/setup/paths.ts";
import type { Photo } from "../photos.ts";

/** The task of everyone: a square JPEG of this quality, the middle of the photo. */
export const SIDE = 256;
export const QUALITY = 80;

/** Somebody else's way to make the picture. */
export type Peer = {
  name: string;
  version: string;
  reads: readonly Photo["format"][];
  render(photo: Photo): Uint8Array | Promise<Uint8Array>;
  /** The WebAssembly that a page would have to load for this task, if it is any; paths of files. */
  modules?: string[];
  /** Ends what would keep the process alive. */
  close?(): void;
};

/** The path of a file of an installed package. */
export function ofPackage(name: string, ...path: string[]): string {
  return inRoot("node_modules", ...name.split("/"), ...path);
}

export function versionOf(name: string): string {
  return (JSON.parse(readFileSync(ofPackage(name, "package.json"), "utf8")) as { version: string }).version;
}

export async function compiled(path: string): Promise<WebAssembly.Module> {
  return WebAssembly.compile(new Uint8Array(readFileSync(path)));
}
