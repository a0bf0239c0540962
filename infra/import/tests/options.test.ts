/** The command line, before anything is asked: what is wrong is told by its name, with what would be right. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { inRoot } from "../../setup/paths.ts";
import { readTarget, sourceAccess } from "../target.ts";
import { run } from "./command.ts";

const cwd = mkdtempSync(join(tmpdir(), "roundel-import-options-"));
after(() => rmSync(cwd, { recursive: true, force: true }));

describe("npm run import", () => {
  it("--help has every option, and what the exit status means", () => {
    const env = { ...process.env, INIT_CWD: cwd };
    const { status, stdout } = spawnSync("npm", ["run", "--silent", "import", "--", "--help"], { cwd: inRoot(), env, encoding: "utf8" });
    assert.equal(status, 0);
    for (const name of ["kind", "map", "recursive", "parallel", "replace", "retry-refused", "retry-for", "report", "journal", "dry-run", "remote", "env-file", "help"]) assert.match(stdout, new RegExp(`^  --${name} `, "m"));
    assert.match(stdout, /Ends with 0 where[^]*130 after Ctrl-C/);
  });

  it("tells what is wrong with the options, and what would be right", async () => {
    writeFileSync(join(cwd, "file.jpg"), "x");
    const wrongs: [string[], RegExp][] = [
      [[], /there is no SOURCE: a folder, or s3:\/\/bucket\/folder; `npm run import -- --help` tells/],
      [["a", "b"], /"b" is one SOURCE too many/],
      [["a", "--colour"], /Unknown option '--colour'.*--help/],
      [["a", "--kind", "faces"], /--kind is avatars or banners, not "faces"/],
      [["a", "--parallel", "0"], /--parallel is a whole number from 1 to 64, not "0"/],
      [["a", "--parallel", "many"], /--parallel is a whole number from 1 to 64, not "many"/],
      [["a", "--retry-for", "-1"], /--retry-for/],
      [["a", "--report", "left.pdf"], /--report names a file that ends in .csv or .jsonl, not "left.pdf"/],
      [["a", "--env-file", "x.env"], /it needs --remote/],
      [["a", "--remote", "--env-file", "x.env"], /there is no settings file x\.env/],
      [["a", "--map", "none.csv"], /none\.csv: it cannot be read \(ENOENT\)/],
    ];
    for (const [args, words] of wrongs) {
      const { status, stdout, stderr } = await run(args, { cwd });
      assert.equal(status, 2, `${args.join(" ")}: ${stderr}`);
      assert.equal(stdout, "");
      assert.match(stderr, words);
      assert.doesNotMatch(stderr, /\n +at /);
    }
  });

  it("does not take a look for the deed where npm has kept the option", async () => {
    const { status, stderr } = await run(["a"], { cwd, env: { npm_config_dry_run: "true" } });
    assert.equal(status, 2);
    assert.match(stderr, /npm kept --dry-run for itself; a `--` before it hands it on: npm run import -- SOURCE --dry-run/);
  });

  it("--remote needs to know what was deployed", async () => {
    writeFileSync(join(cwd, "staging.env"), "STAGE=staging\nAWS_REGION=eu-central-1\nWORKER_ORIGIN=https://avatars.example.com\nUSER_POOL_ID=eu-central-1_Example00\nCLIENT_ID=client1\n");
    const { status, stderr } = await run([".", "--remote", "--env-file", "staging.env"], { cwd });
    assert.equal(status, 2);
    assert.match(stderr, /outputs\.json tells nothing of RoundelStaging: run `npm run deploy`/);
  });

  it("--remote goes where the settings and the outputs of the deployment say, whatever the shell has", async () => {
    const [settings, outputs] = [join(cwd, "settings.env"), join(cwd, "outputs.json")];
    writeFileSync(settings, "STAGE=staging\nAWS_REGION=eu-central-1\nWORKER_ORIGIN=https://avatars.example.com\nUSER_POOL_ID=eu-central-1_Example00\nCLIENT_ID=client1\n");
    writeFileSync(outputs, JSON.stringify({ Roundel: { UploadsBucketName: "other", AssetsBucketName: "other" }, RoundelStaging: { UploadsBucketName: "staging-uploads", AssetsBucketName: "staging-assets" } }));
    const shell = { HOOK_SECRET: "secret", WORKER_ORIGIN: "https://elsewhere.example.com", UPLOADS_BUCKET_NAME: "elsewhere", S3_ENDPOINT: "https://elsewhere.example.com" };
    assert.deepEqual(await readTarget({ remote: true, envFile: settings }, shell, outputs), {
      description: `the deployed service of ${settings}, https://avatars.example.com`,
      origin: "https://avatars.example.com",
      hookSecret: "secret",
      uploadsBucket: "staging-uploads",
      assetsBucket: "staging-assets",
      s3: { region: "eu-central-1", endpoint: undefined, credentials: undefined, profile: undefined },
    });
  });

  it("the source has credentials of its own, or those that AWS's tools find", () => {
    const worker = { AWS_REGION: "eu-central-1", AWS_ACCESS_KEY_ID: "WORKER", AWS_SECRET_ACCESS_KEY: "secret", S3_ENDPOINT: "https://r2.example.com" };
    assert.deepEqual(sourceAccess(worker), { region: "eu-central-1", endpoint: undefined, credentials: undefined, profile: undefined });
    const own = { SOURCE_AWS_REGION: "us-west-2", SOURCE_AWS_ACCESS_KEY_ID: "OLD", SOURCE_AWS_SECRET_ACCESS_KEY: "old", SOURCE_AWS_SESSION_TOKEN: "token", SOURCE_S3_ENDPOINT: "https://old.example.com", SOURCE_AWS_PROFILE: "old" };
    assert.deepEqual(sourceAccess({ ...worker, ...own }), { region: "us-west-2", endpoint: "https://old.example.com", credentials: { accessKeyId: "OLD", secretAccessKey: "old", sessionToken: "token" }, profile: "old" });
    assert.throws(() => sourceAccess({ SOURCE_AWS_ACCESS_KEY_ID: "OLD" }), /SOURCE_AWS_SECRET_ACCESS_KEY is missing beside/);
    assert.throws(() => sourceAccess({ SOURCE_S3_ENDPOINT: "old" }), /SOURCE_S3_ENDPOINT is no URL/);
  });
});
