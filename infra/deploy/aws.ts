/** What a deployment asks of AWS beside CloudFormation: the hook's secret, and access keys of the worker's user. */
import { CreateAccessKeyCommand, DeleteAccessKeyCommand, IAMClient, ListAccessKeysCommand } from "@aws-sdk/client-iam";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { SetupError } from "../setup/process.ts";

/** Whether somebody has told this machine who they are to AWS. It does not ask AWS. */
export function hasCredentials(environment: Record<string, string | undefined> = process.env): boolean {
  const named = ["AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];
  const files = [environment["AWS_SHARED_CREDENTIALS_FILE"] ?? join(homedir(), ".aws", "credentials"), environment["AWS_CONFIG_FILE"] ?? join(homedir(), ".aws", "config")];
  return named.some((name) => environment[name]) || files.some((file) => existsSync(file));
}

export async function readHookSecret(region: string, arn: string): Promise<string> {
  const { SecretString } = await new SecretsManagerClient({ region }).send(new GetSecretValueCommand({ SecretId: arn }));
  if (!SecretString) throw new SetupError("the hook's secret in Secrets Manager is empty");
  return SecretString;
}

export type AccessKey = { id: string; secret: string };

export type AccessKeys = {
  /** The new one, which nobody but the caller knows. */
  made: AccessKey;
  /** Those from before; to be deleted once the worker has the new one. */
  before: string[];
};

/** Makes an access key for the worker's user. AWS allows two: a third is refused, since one of them may be in use. */
export async function makeAccessKey(region: string, userName: string): Promise<AccessKeys> {
  const iam = new IAMClient({ region });
  const { AccessKeyMetadata = [] } = await iam.send(new ListAccessKeysCommand({ UserName: userName }));
  const before = AccessKeyMetadata.flatMap(({ AccessKeyId }) => (AccessKeyId === undefined ? [] : [AccessKeyId]));
  if (before.length >= 2) {
    throw new SetupError(`the user ${userName} has two access keys, ${before.join(" and ")}: an earlier deployment broke off. Delete the one that the worker does not have (aws iam delete-access-key), and run the command again`);
  }
  const { AccessKey: made } = await iam.send(new CreateAccessKeyCommand({ UserName: userName }));
  if (!made?.AccessKeyId || !made.SecretAccessKey) throw new SetupError("IAM made no access key");
  return { made: { id: made.AccessKeyId, secret: made.SecretAccessKey }, before };
}

export async function deleteAccessKeys(region: string, userName: string, ids: string[]): Promise<void> {
  const iam = new IAMClient({ region });
  for (const AccessKeyId of ids) await iam.send(new DeleteAccessKeyCommand({ UserName: userName, AccessKeyId }));
}
