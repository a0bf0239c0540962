/** Everything that Roundel needs of AWS, and what the worker has to be told of it. */
import { BootstraplessSynthesizer, CfnOutput, Stack, type IStackSynthesizer } from "aws-cdk-lib";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { acknowledge } from "./acknowledged.ts";
import { Delivery } from "./delivery.ts";
import { Hook } from "./hook.ts";
import type { Settings } from "./settings.ts";
import { People } from "./sign-in.ts";
import { Storage } from "./storage.ts";
import { WorkerAccess } from "./worker-access.ts";

// The casts to CDK's interfaces: its declarations leave out what `exactOptionalPropertyTypes` tells apart.

/** Outputs by name. `npm run deploy` reads them; a name that is a variable of the worker's is handed to it. */
export type OutputName = "UploadsBucketName" | "AssetsBucketName" | "HookSecretArn" | "WorkerUserName" | "WorkerRoleArn" | "UserPoolId" | "ClientId" | "DeliveryDomainName" | "DeadLetterQueueUrl" | "AlarmTopicArn";

export class RoundelStack extends Stack {
  readonly storage: Storage;
  readonly access: WorkerAccess;
  readonly hook: Hook;
  readonly people: People | undefined;
  readonly delivery: Delivery | undefined;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id, {
      env: { region: settings.region },
      description: "Roundel: buckets, the worker's permissions, and the event that tells it of an upload",
      // There is nothing to upload beside the template: an account needs no `cdk bootstrap`.
      synthesizer: new BootstraplessSynthesizer() as IStackSynthesizer,
      terminationProtection: settings.stage === "production",
      tags: { application: "roundel", stage: settings.stage },
    });
    const { workerOrigin, alarmEmail } = settings;
    const pageOrigins = [...new Set([workerOrigin, ...settings.allowedOrigins])];
    this.storage = new Storage(this, "Storage", { uploadsBucketName: settings.uploadsBucketName, assetsBucketName: settings.assetsBucketName, pageOrigins });
    this.access = new WorkerAccess(this, "Worker", { storage: this.storage, principalArn: settings.workerPrincipalArn });
    this.hook = new Hook(this, "Hook", { uploads: this.storage.uploads, workerOrigin, alarmEmail });
    if (settings.signIn.kind === "create") {
      // Cognito comes back to exact addresses only.
      const exact = pageOrigins.filter((origin) => !origin.includes("*"));
      this.people = new People(this, "People", { domainPrefix: settings.signIn.domainPrefix, pageOrigins: exact });
    }
    if (settings.delivery) this.delivery = new Delivery(this, "Delivery", { assets: this.storage.assets as IBucket, domain: settings.delivery.domain });
    this.#tell();
    acknowledge(this);
  }

  #tell(): void {
    const outputs: Partial<Record<OutputName, string | undefined>> = {
      UploadsBucketName: this.storage.uploads.bucketName,
      AssetsBucketName: this.storage.assets.bucketName,
      HookSecretArn: this.hook.secret.secretArn,
      WorkerUserName: this.access.user?.userName,
      WorkerRoleArn: this.access.role?.roleArn,
      UserPoolId: this.people?.pool.userPoolId,
      ClientId: this.people?.client.userPoolClientId,
      DeliveryDomainName: this.delivery?.distribution.distributionDomainName,
      DeadLetterQueueUrl: this.hook.deadLetters.queueUrl,
      AlarmTopicArn: this.hook.alarmTopic.topicArn,
    };
    for (const [name, value] of Object.entries(outputs)) if (value !== undefined) new CfnOutput(this, name, { value });
  }
}
