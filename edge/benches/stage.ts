/** What the worker is measured with: an issuer, a storage that checks signatures, people with pictures; and the two workers, built alike. */
import { mkdirSync } from "node:fs";
import { whenChanged } from "../../infra/build/changed.ts";
import { inRoot } from "../../infra/setup/paths.ts";
import { run, say } from "../../infra/setup/process.ts";
import { publishedFlags } from "../../infra/setup/rust.ts";
import { ensureWorkerBuild, workerBuildEnvironment } from "../../infra/setup/tools.ts";
import { LOCAL_USER_POOL_ID } from "../../infra/local/tokens.ts";
import { standardPhotos } from "../../wasm/benches/photos.ts";
import { startHarness, type Harness } from "../tests/harness.ts";
import { startWorkerd, type Workerd } from "./workerd.ts";

export type Person = { sub: string; version: string };

export type Stage = {
  harness: Harness;
  startEdge(options?: { isInspected?: boolean }): Promise<Workerd>;
  startHello(): Promise<Workerd>;
  /** People who have published a photo of 1024 x 1024, which the worker keeps as it is: their master. */
  people(prefix: string, count: number): Promise<Person[]>;
  stop(): Promise<void>;
};

const HELLO = inRoot("edge", "benches", "hello");

async function buildHello(): Promise<string> {
  const build = `${HELLO}/build`;
  await whenChanged(`${build}/index_bg.wasm`, ["Cargo.toml", "Cargo.lock", "edge/benches/hello/Cargo.toml", "edge/benches/hello/src", "infra/setup/versions.ts"], async () => {
    say("building the worker of the comparison");
    mkdirSync(build, { recursive: true });
    await run(await ensureWorkerBuild(), ["--release"], { cwd: HELLO, env: { ...(await workerBuildEnvironment()), ...publishedFlags() } });
  });
  return build;
}

export async function setStage(): Promise<Stage> {
  const hello = await buildHello();
  const photo = (await standardPhotos()).find(({ role }) => role === "master");
  if (photo === undefined) throw new Error("there is no photo of 1024 x 1024");
  const harness = await startHarness();
  const { s3, issuer, hookSecret } = harness.stack;
  const variables = {
    USER_POOL_ID: LOCAL_USER_POOL_ID,
    CLIENT_ID: issuer.clientId,
    JWT_ISSUER: issuer.url,
    JWKS_URL: issuer.jwksUrl,
    UPLOADS_BUCKET_NAME: s3.uploadsBucket,
    ASSETS_BUCKET_NAME: s3.assetsBucket,
    AWS_REGION: "us-east-1",
    S3_ENDPOINT: s3.endpoint,
    ALLOWED_ORIGINS: "",
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    HOOK_SECRET: hookSecret,
    // Counted as deployed, and never reached.
    RATE_LIMIT_SIGNING: "10000",
    RATE_LIMIT_CHANGES: "10000",
  };
  return {
    harness,
    startEdge: (options) => startWorkerd({ build: inRoot("edge", "build"), variables, ...options }),
    startHello: () => startWorkerd({ build: hello }),
    people: async (prefix, count) => {
      const people: Person[] = [];
      for (let index = 0; index < count; index++) {
        const sub = `${prefix}-${index}`;
        await harness.upload(sub, "jpg", photo.bytes);
        people.push({ sub, version: (await harness.publish(sub)).version });
      }
      return people;
    },
    stop: () => harness.stop(),
  };
}
