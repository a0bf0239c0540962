/**
 * The whole service on this machine, with real parts: the sign-in issuer, an S3 server that checks signatures, the profile database,
 * the edge worker in workerd and the page that it serves. `npm start` and the tests start the same stack.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { buildLocalS3 } from "../build/local-s3.ts";
import { buildPage } from "../build/page.ts";
import { buildWorker } from "../build/worker.ts";
import { openLocal, workerState } from "../db/local.ts";
import { migrate, readMigrations } from "../db/migrate.ts";
import { inRoot } from "../setup/paths.ts";
import { say } from "../setup/process.ts";
import { lastWords, startChild, type Child } from "./child.ts";
import { startIssuer, type Issuer } from "./issuer.ts";
import { freePort } from "./ports.ts";
import { localSecrets, recordWhereabouts, writePrivate, type LocalSecrets } from "./state.ts";
import { LOCAL_USER_POOL_ID } from "./tokens.ts";
import { startWrangler } from "./wrangler.ts";

export const UPLOADS_BUCKET = "roundel-uploads";
export const ASSETS_BUCKET = "roundel-assets";

export type StackOptions = {
  /** Where objects, keys and logs live. */
  stateDirectory: string;
  /** Of the page and the worker. 0 or absent: any free one. */
  port?: number;
  s3Port?: number;
  issuerPort?: number;
  /** Whether the S3 server takes orders to fail; see infra/local-s3/README.md. */
  faults?: boolean;
  /** Whether the S3 server tells the worker about new objects. Default true. */
  notifications?: boolean;
  /** Variables of the worker that replace, or as `undefined` remove, what the stack gives it. */
  variables?: Record<string, string | undefined>;
};

export type LocalS3 = {
  endpoint: string;
  /** Where the S3 server takes orders to fail; undefined without `faults`. */
  control: string | undefined;
  uploadsBucket: string;
  assetsBucket: string;
} & Pick<LocalSecrets, "accessKeyId" | "secretAccessKey">;

export type Stack = {
  /** Of the page and of the worker's API. */
  origin: string;
  issuer: Issuer;
  s3: LocalS3;
  hookSecret: string;
  /** What the worker has logged so far. */
  workerLog(): string;
  /** Resolves with the story of the part that ended before `stop` was called. */
  failed: Promise<string>;
  stop(): Promise<void>;
};

const READY_TIMEOUT_MS = 60_000;

/** Builds what is not built yet. */
export async function buildStack(): Promise<void> {
  await buildPage();
  await buildWorker();
  await buildLocalS3();
}

export async function startStack(options: StackOptions): Promise<Stack> {
  const { stateDirectory } = options;
  mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
  const secrets = await localSecrets(stateDirectory);
  // A taken port is told at once, not after minutes of building.
  const port = await freePort(options.port ?? 0, "PORT");
  await buildStack();
  await migrateProfiles(stateDirectory);
  const origin = `http://127.0.0.1:${port}`;
  const pageOrigins = [origin, `http://localhost:${port}`];

  const children: Child[] = [];
  let issuer: Issuer | undefined;
  const stop = async (): Promise<void> => {
    await Promise.all([...children.map((child) => child.stop()), issuer?.stop()]);
  };
  try {
    issuer = await startIssuer({ stateDirectory, port: await freePort(options.issuerPort ?? 0, "ISSUER_PORT"), allowedOrigins: pageOrigins });
    const s3 = await startLocalS3(options, secrets, origin, pageOrigins, children);
    const worker = await startWorker(options, port, children, {
      USER_POOL_ID: LOCAL_USER_POOL_ID,
      CLIENT_ID: issuer.clientId,
      JWT_ISSUER: issuer.url,
      JWKS_URL: issuer.jwksUrl,
      UPLOADS_BUCKET_NAME: UPLOADS_BUCKET,
      ASSETS_BUCKET_NAME: ASSETS_BUCKET,
      AWS_REGION: "us-east-1",
      S3_ENDPOINT: s3.endpoint,
      ALLOWED_ORIGINS: pageOrigins.join(","),
      AVATAR_SIZE: "256",
      MAX_PIXELS: "50000000",
      MAX_UPLOAD_BYTES: "20971520",
      AWS_ACCESS_KEY_ID: secrets.accessKeyId,
      AWS_SECRET_ACCESS_KEY: secrets.secretAccessKey,
      HOOK_SECRET: secrets.hookSecret,
      // Who tries things out, or tests them, does so as one person more often than people change their pictures.
      RATE_LIMIT_SIGNING: "off",
      RATE_LIMIT_CHANGES: "off",
      ...options.variables,
    });
    recordWhereabouts(stateDirectory, { origin, issuer: issuer.url, clientId: issuer.clientId });
    const failed = Promise.race(children.map(async (child) => `the ${child.name} stopped: ${await child.ended}\n${lastWords(child.output())}`));
    return { origin, issuer, s3, hookSecret: secrets.hookSecret, workerLog: worker.output, failed, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The worker that is started finds the tables that it was written for. */
async function migrateProfiles(stateDirectory: string): Promise<void> {
  const database = openLocal(stateDirectory);
  try {
    await migrate(database, readMigrations(), { say });
  } finally {
    database.close();
  }
}

async function startLocalS3(options: StackOptions, secrets: LocalSecrets, origin: string, pageOrigins: string[], children: Child[]): Promise<LocalS3> {
  const { stateDirectory, notifications = true, faults = false } = options;
  const child = startChild({
    name: "local S3 server",
    program: await buildLocalS3(),
    args: [
      ...["--listen", `127.0.0.1:${await freePort(options.s3Port ?? 0, "S3_PORT")}`, "--root", join(stateDirectory, "s3")],
      ...["--bucket", UPLOADS_BUCKET, "--bucket", ASSETS_BUCKET],
      ...pageOrigins.flatMap((allowed) => ["--allowed-origin", allowed]),
      ...(notifications ? ["--notify-bucket", UPLOADS_BUCKET, "--notify-url", `${origin}/hooks/object-created`] : []),
      ...(faults ? ["--control", "127.0.0.1:0"] : []),
    ],
    env: {
      PATH: process.env["PATH"],
      AWS_ACCESS_KEY_ID: secrets.accessKeyId,
      AWS_SECRET_ACCESS_KEY: secrets.secretAccessKey,
      HOOK_SECRET: secrets.hookSecret,
    },
    cwd: stateDirectory,
    logFile: join(stateDirectory, "logs", "s3.log"),
  });
  children.push(child);
  const endpoint = (await child.printed(/^listening (http:\S+)$/m, READY_TIMEOUT_MS))[1] ?? "";
  const control = faults ? (await child.printed(/^control (http:\S+)$/m, READY_TIMEOUT_MS))[1] : undefined;
  const { accessKeyId, secretAccessKey } = secrets;
  return { endpoint, control, uploadsBucket: UPLOADS_BUCKET, assetsBucket: ASSETS_BUCKET, accessKeyId, secretAccessKey };
}

async function startWorker(options: StackOptions, port: number, children: Child[], variables: Record<string, string | undefined>): Promise<Child> {
  const { stateDirectory } = options;
  const envFile = join(stateDirectory, "worker.env");
  const lines = Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${JSON.stringify(value)}\n`]));
  writePrivate(envFile, lines.join(""));
  const child = startWrangler({
    name: "edge worker",
    cwd: inRoot("edge"),
    port,
    logs: join(stateDirectory, "logs"),
    args: ["--persist-to", workerState(stateDirectory), "--env-file", envFile],
  });
  children.push(child);
  await answers(`http://127.0.0.1:${port}/healthz`, child);
  return child;
}

/** Waits until there is an HTTP answer, whatever its status. */
async function answers(url: string, child: Child): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  let story: string | undefined;
  void child.ended.then((how) => (story = how));
  while (story === undefined && Date.now() < deadline) {
    try {
      await (await fetch(url)).arrayBuffer();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error(`the ${child.name} did not start: ${story ?? "it gave no answer in time"}\n${lastWords(child.output())}`);
}

