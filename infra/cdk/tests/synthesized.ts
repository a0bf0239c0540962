/** Stacks as they are synthesized, for the tests: with invented names, without an account. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { Template } from "aws-cdk-lib/assertions";
import { buildApp, type BuiltApp } from "../app.ts";
import { stackName } from "../stack-name.ts";
import { parseSettings, type Settings } from "../settings.ts";

export const WORKER_ORIGIN = "https://avatars.example.com";

/** The least that has to be said. */
export const LEAST = { AWS_REGION: "eu-central-1", WORKER_ORIGIN, USER_POOL_ID: "eu-central-1_Example00", CLIENT_ID: "client1" };

/** Everything that can be switched on. */
export const MOST = {
  ...{ AWS_REGION: "eu-central-1", WORKER_ORIGIN, ALLOWED_ORIGINS: "https://app.example.com,https://*.pages.example.com", ALARM_EMAIL: "operations@example.com" },
  ...{ CREATE_USER_POOL: "true", SIGN_IN_DOMAIN_PREFIX: "example-avatars" },
  ...{ CDN: "true", CDN_DOMAIN: "pictures.example.com", CDN_HOSTED_ZONE_ID: "Z0EXAMPLE", CDN_HOSTED_ZONE_NAME: "example.com" },
  CDN_CERTIFICATE_ARN: "arn:aws:acm:us-east-1:000000000000:certificate/00000000-0000-0000-0000-000000000000",
};

const directories: string[] = [];
after(() => directories.forEach((directory) => rmSync(directory, { recursive: true, force: true })));

export type Resource = { Type: string; Properties: Record<string, unknown>; DeletionPolicy?: string; UpdateReplacePolicy?: string };
export type TemplateDocument = { Resources: Record<string, Resource>; Outputs: Record<string, { Value: unknown }>; Mappings?: Record<string, Record<string, Record<string, string>>> };

export type Synthesized = {
  settings: Settings;
  directory: string;
  path: string;
  text: string;
  document: TemplateDocument;
  template: Template;
};

/** Builds the app of these settings; `change` may spoil it before it is synthesized. */
export function synthesize(variables: Record<string, string>, change: (built: BuiltApp) => void = () => undefined): Synthesized {
  const directory = mkdtempSync(join(tmpdir(), "roundel-cdk-"));
  directories.push(directory);
  const settings = parseSettings(variables);
  const built = buildApp(settings, directory);
  change(built);
  built.app.synth();
  const path = join(directory, `${stackName(settings.stage)}.template.json`);
  const text = readFileSync(path, "utf8");
  const document = JSON.parse(text) as TemplateDocument;
  return { settings, directory, path, text, document, template: Template.fromJSON(document) };
}
