/** Who the worker is to AWS, and what it may do there: what its code does, and nothing else. */
import { ArnPrincipal, Effect, Policy, PolicyStatement, Role, User } from "aws-cdk-lib/aws-iam";
import { Duration } from "aws-cdk-lib";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { KINDS, REJECTED, type Storage } from "./storage.ts";

export class WorkerAccess extends Construct {
  /** With an access key, which `npm run deploy` makes and hands to the worker. */
  readonly user: User | undefined;
  /** With keys for an hour, for whoever has an identity in AWS already. */
  readonly role: Role | undefined;
  readonly policy: Policy;

  constructor(scope: Construct, id: string, { storage, principalArn }: { storage: Storage; principalArn: string | undefined }) {
    super(scope, id);
    if (principalArn === undefined) this.user = new User(this, "User");
    else this.role = new Role(this, "Role", { assumedBy: new ArnPrincipal(principalArn), maxSessionDuration: Duration.hours(1), description: "The Roundel worker" });
    this.policy = new Policy(this, "Policy", { statements: statements(storage) });
    if (this.user) this.policy.attachToUser(this.user);
    if (this.role) this.policy.attachToRole(this.role);
  }
}

function statements({ uploads, assets }: Storage): PolicyStatement[] {
  const folders = KINDS.map((kind) => `${kind}/`);
  const rejectedFolders = folders.map((folder) => `${REJECTED}/${folder}`);
  return [
    // PutObject: the upload URLs that are given out are signed with this key, and can do no more than it.
    allow("Uploads", ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], objects(uploads, folders)),
    // Copies of what was refused, with a note beside each; of these only the notes are read.
    allow("Rejected", ["s3:PutObject", "s3:DeleteObject"], objects(uploads, rejectedFolders)),
    allow("RejectionNotes", ["s3:GetObject"], rejectedFolders.map((folder) => uploads.arnForObjects(`${folder}*.json`))),
    allow("Assets", ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], objects(assets, folders)),
    // Also what makes S3 answer 404, not 403, to an object that is not there: it holds the object's key against the same condition.
    list("ListUploads", uploads, [...folders, ...rejectedFolders]),
    list("ListAssets", assets, folders),
  ];
}

function objects(bucket: Bucket, folders: string[]): string[] {
  return folders.map((folder) => bucket.arnForObjects(`${folder}*`));
}

function allow(sid: string, actions: string[], resources: string[]): PolicyStatement {
  return new PolicyStatement({ sid, effect: Effect.ALLOW, actions, resources });
}

function list(sid: string, bucket: Bucket, folders: string[]): PolicyStatement {
  const statement = allow(sid, ["s3:ListBucket"], [bucket.bucketArn]);
  statement.addCondition("StringLike", { "s3:prefix": folders.map((folder) => `${folder}*`) });
  return statement;
}
