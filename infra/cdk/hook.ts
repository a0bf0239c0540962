/** S3 tells EventBridge of each upload, and EventBridge tells the worker: `POST /hooks/object-created`. */
import { Duration, SecretValue, Stack } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { ApiDestination, Authorization, Connection, HttpMethod, Rule, type IApiDestination } from "aws-cdk-lib/aws-events";
import { ApiDestination as ApiDestinationTarget } from "aws-cdk-lib/aws-events-targets";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { KINDS } from "./storage.ts";

/** EventBridge's own most: 185 attempts within a day, ever further apart. */
const RETRY_ATTEMPTS = 185;
const RETRIED_FOR = Duration.hours(24);

/** EventBridge would make 300: a burst of uploads is not to become a burst of decoding. What waits is not lost. */
const CALLS_PER_SECOND = 50;

export type HookProps = { uploads: Bucket; workerOrigin: string; alarmEmail: string | undefined };

export class Hook extends Construct {
  /** What EventBridge shows and the worker compares: its `HOOK_SECRET`. */
  readonly secret: Secret;
  readonly deadLetters: Queue;
  readonly alarmTopic: Topic;

  constructor(scope: Construct, id: string, { uploads, workerOrigin, alarmEmail }: HookProps) {
    super(scope, id);
    this.secret = new Secret(this, "Secret", {
      description: "HOOK_SECRET of the Roundel worker: EventBridge shows it at POST /hooks/object-created",
      generateSecretString: { excludePunctuation: true, passwordLength: 64 },
    });
    const connection = new Connection(this, "Connection", {
      description: "Shows the Roundel worker the hook's secret",
      // CloudFormation puts the secret in on its way to EventBridge: the template has its name only.
      authorization: Authorization.apiKey("Authorization", SecretValue.unsafePlainText(`Bearer ${this.secret.secretValue.unsafeUnwrap()}`)),
    });
    const destination = new ApiDestination(this, "Destination", {
      connection,
      endpoint: `${workerOrigin}/hooks/object-created`,
      httpMethod: HttpMethod.POST,
      rateLimitPerSecond: CALLS_PER_SECOND,
      description: "The Roundel worker is told of a new upload",
    });
    this.deadLetters = new Queue(this, "DeadLetters", { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, retentionPeriod: Duration.days(14) });
    const rule = new Rule(this, "Created", {
      description: "New uploads of Roundel, to its worker",
      eventPattern: {
        // The events of other buckets and accounts are not these.
        account: [Stack.of(this).account],
        source: ["aws.s3"],
        detailType: ["Object Created"],
        detail: { bucket: { name: [uploads.bucketName] }, object: { key: KINDS.map((kind) => ({ prefix: `${kind}/` })) } },
      },
    });
    rule.addTarget(new ApiDestinationTarget(destination as IApiDestination, { retryAttempts: RETRY_ATTEMPTS, maxEventAge: RETRIED_FOR, deadLetterQueue: this.deadLetters }));

    this.alarmTopic = new Topic(this, "Alarms", { enforceSSL: true });
    if (alarmEmail !== undefined) this.alarmTopic.addSubscription(new EmailSubscription(alarmEmail));
    const alarm = new Alarm(this, "Undelivered", {
      alarmDescription: "Uploads that the Roundel worker was not told of lie in the dead-letter queue: is the worker reachable, and is its HOOK_SECRET the one in Secrets Manager?",
      metric: this.deadLetters.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(5), statistic: "Maximum" }),
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.alarmTopic));
  }
}
