/** The rules of AwsSolutions that are not followed, each where and why. Everything else stops the synthesis. */
import { Stack, Validations } from "aws-cdk-lib";
import type { CfnBucket } from "aws-cdk-lib/aws-s3";
import type { IConstruct } from "constructs";
import type { RoundelStack } from "./stack.ts";
import { KINDS, REJECTED } from "./storage.ts";

const NO_ACCESS_LOG = {
  uploads: "A server access log has the query of each request: that of an upload URL is a signature, which must not reach a log. CloudTrail's data events tell who did what without it, for those who need that.",
  assets: "Those who read here are the worker, which logs its own requests without anything of a person, and CloudFront. CloudTrail's data events are there for those who need more.",
};
const ONE_FOLDER = "The objects of one folder: every person has some below it, so that their keys cannot be listed. No wildcard among actions or buckets.";
const NO_ROTATION = "EventBridge keeps a copy of the secret that only a deployment renews, and the worker another: rotating this one alone would stop the hook. docs/deploy.md tells how to change all three.";
const IS_DEAD_LETTER_QUEUE = "It is the dead-letter queue, of an EventBridge rule; the rule of AwsSolutions knows those of queues only.";
const MFA_BY_CHOICE = "A second factor (an authenticator app) is offered, and up to the person: what an account opens is one's own picture.";
const NO_PLUS_PLAN = "The Plus plan's threat protection costs a multiple for each person; nothing here depends on it. It can be switched on in the console.";
const NO_DELIVERY_LOG = "Logs of who looked at whose picture are personal data that nobody asked for. CloudFront's logs can be switched on by whoever has a use for them.";
const PUBLIC_PICTURES = "The pictures are public, everywhere, on purpose.";
const NO_FIREWALL = "There is nothing behind it but a bucket that answers GET: no query, body or header reaches any code. A firewall costs more than all the rest.";
const DEFAULT_CERTIFICATE = "Without a domain of one's own the certificate is CloudFront's, and so are its versions of TLS. With CDN_DOMAIN it is TLS 1.2 and newer.";

export function acknowledge({ storage, access, hook, people, delivery }: RoundelStack): void {
  because(storage.uploads, "AwsSolutions-S1", NO_ACCESS_LOG.uploads);
  because(storage.assets, "AwsSolutions-S1", NO_ACCESS_LOG.assets);

  const logicalId = (bucket: IConstruct): string => Stack.of(bucket).getLogicalId(bucket.node.defaultChild as CfnBucket);
  const [uploads, assets] = [logicalId(storage.uploads), logicalId(storage.assets)];
  for (const kind of KINDS) {
    const patterns = [`<${uploads}.Arn>/${kind}/*`, `<${uploads}.Arn>/${REJECTED}/${kind}/*`, `<${uploads}.Arn>/${REJECTED}/${kind}/*.json`, `<${assets}.Arn>/${kind}/*`];
    for (const pattern of patterns) because(access.policy, `AwsSolutions-IAM5[Resource::${pattern}]`, ONE_FOLDER);
  }

  because(hook.secret, "AwsSolutions-SMG4", NO_ROTATION);
  because(hook.deadLetters, "AwsSolutions-SQS3", IS_DEAD_LETTER_QUEUE);
  if (people) {
    because(people.pool, "AwsSolutions-COG2", MFA_BY_CHOICE);
    because(people.pool, "AwsSolutions-COG8", NO_PLUS_PLAN);
  }
  if (delivery) {
    because(delivery.distribution, "AwsSolutions-CFR1", PUBLIC_PICTURES);
    because(delivery.distribution, "AwsSolutions-CFR2", NO_FIREWALL);
    because(delivery.distribution, "AwsSolutions-CFR3", NO_DELIVERY_LOG);
    if (!delivery.hasDomain) because(delivery.distribution, "AwsSolutions-CFR4", DEFAULT_CERTIFICATE);
  }
}

function because(construct: IConstruct, rule: string, reason: string): void {
  Validations.of(construct).acknowledge({ id: `AwsSolutions::${rule}`, reason });
}
