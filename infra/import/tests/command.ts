/** `npm run import` against a harness, as the platform engineer runs it. */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import type { Harness } from "../../../edge/tests/harness.ts";
import { inRoot } from "../../setup/paths.ts";

export type Ended = { status: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string };
export type Running = { child: ChildProcess; ended: Promise<Ended>; /** What it has printed on standard output so far. */ printed(): string };

export type CommandOptions = { cwd: string; env?: Record<string, string | undefined> };

const unrelated = Object.keys(process.env).filter((name) => /^(AWS|SOURCE|CLOUDFLARE|npm_config)_|^(WORKER_ORIGIN|HOOK_SECRET|S3_ENDPOINT|ROUNDEL_STATE)$/.test(name));

export function start(args: string[], { cwd, env = {} }: CommandOptions): Running {
  const cleared = Object.fromEntries(unrelated.map((name) => [name, undefined]));
  const nowhere = { AWS_CONFIG_FILE: join(cwd, "none"), AWS_SHARED_CREDENTIALS_FILE: join(cwd, "none"), AWS_EC2_METADATA_DISABLED: "true" };
  // The two dashes: Node would take an --env-file for its own.
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "--", inRoot("infra", "import", "main.ts"), ...args], {
    cwd,
    env: { ...process.env, ...cleared, ...nowhere, ROUNDEL_CWD: cwd, ROUNDEL_STATE: join(cwd, "state"), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<Ended>((resolve) => child.on("close", (status, signal) => resolve({ status, signal, stdout, stderr })));
  return { child, ended, printed: () => stdout };
}

export const run = (args: string[], options: CommandOptions): Promise<Ended> => start(args, options).ended;

/** The environment that describes a harness as the service to move into, and its storage as the one to move from. */
export function environmentOf({ origin, stack }: Harness): Record<string, string> {
  const { endpoint, accessKeyId, secretAccessKey, uploadsBucket, assetsBucket } = stack.s3;
  const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, S3_ENDPOINT: endpoint };
  return {
    WORKER_ORIGIN: origin,
    HOOK_SECRET: stack.hookSecret,
    UPLOADS_BUCKET_NAME: uploadsBucket,
    ASSETS_BUCKET_NAME: assetsBucket,
    AWS_REGION: "us-east-1",
    ...keys,
    ...Object.fromEntries(Object.entries(keys).map(([name, value]) => [`SOURCE_${name}`, value])),
  };
}

export type Rgb = { r: number; g: number; b: number };
export const RED = { r: 220, g: 20, b: 30 };
export const GREEN = { r: 20, g: 200, b: 60 };
export const BLUE = { r: 30, g: 60, b: 210 };

/** A small picture of one colour. */
export function picture(format: "jpeg" | "png" | "webp" | "gif", background: Rgb, size = 24): Promise<Buffer> {
  return sharp({ create: { width: size, height: size, channels: 3, background } })[format]().toBuffer();
}

/** The colour in the middle of a picture. */
export async function colourOf(bytes: Uint8Array): Promise<Rgb> {
  const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (Math.floor(info.height / 2) * info.width + Math.floor(info.width / 2)) * info.channels;
  return { r: data[at] ?? 0, g: data[at + 1] ?? 0, b: data[at + 2] ?? 0 };
}

export function isNear(a: Rgb, b: Rgb): boolean {
  return Math.max(Math.abs(a.r - b.r), Math.abs(a.g - b.g), Math.abs(a.b - b.b)) <= 12;
}

/** Writes files into a folder, which is made. */
export function writeFiles(folder: string, files: Record<string, Uint8Array | string>): void {
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, bytes);
  }
}

/** The lines of a journal that tell of a file. */
export function journalLines(path: string): string[] {
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(1).filter((line) => line.endsWith("}")) : [];
}

let markers = 0;

/** What the S3 server was asked so far, to the last request: its log comes by a pipe, and a while after the answers. */
export async function requestsOf(harness: Harness): Promise<string[]> {
  const marker = `marker-${markers++}`;
  await harness.stored("uploads", marker);
  const deadline = Date.now() + 10_000;
  for (;;) {
    const lines = harness.s3Requests();
    if (lines.some((line) => line.includes(`/${marker} `))) return lines.filter((line) => !line.includes("/marker-"));
    if (Date.now() > deadline) throw new Error("the S3 server's log does not come");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Writes that the storage was asked for since there were so many requests. */
export async function writesSince(harness: Harness, count: number): Promise<string[]> {
  return (await requestsOf(harness)).slice(count).filter((request) => /^(PUT|DELETE|POST) \/roundel-/.test(request));
}

/** Checks the picture that counts, in the storage: what an edge has seen, it shows for some seconds more. */
export async function assertShown(harness: Harness, sub: string, colour: Rgb, kind = "avatars"): Promise<void> {
  const pointer = JSON.parse((await harness.object("assets", `${kind}/${sub}/current.json`)).toString()) as { master: { key: string } };
  const master = await colourOf(await harness.object("assets", pointer.master.key));
  assert.ok(isNear(master, colour), `${sub}: ${JSON.stringify({ master, colour })}`);
}

/** Waits for something that a command does. */
export async function until(holds: () => boolean, { child, ended }: Running): Promise<void> {
  while (!holds()) {
    if (child.exitCode !== null) assert.fail((await ended).stderr);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The storage's times are whole seconds. */
export const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1_100));
