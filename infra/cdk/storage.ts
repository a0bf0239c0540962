/** The two buckets: what people upload, and what is made of it. */
import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { AnyPrincipal, Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { BlockPublicAccess, Bucket, BucketEncryption, CfnBucket, HttpMethods, ObjectOwnership, type LifecycleRule } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";

/** Folders of both buckets; `edge/src/kind.rs`. */
export const KINDS = ["avatars", "banners"] as const;
/** Where the worker moves uploads that it refused; `edge/src/publish/keys.rs`. */
export const REJECTED = "rejected";

/** As long as an upload URL is good; `edge/src/storage/presign.rs`. */
const UPLOAD_URL_LIFETIME = Duration.seconds(300);

/** The headers that an upload URL may have signed, which a browser asks for beforehand. `content-length` it sets itself, unasked. */
const SIGNED_HEADERS = ["content-type", "x-amz-checksum-sha256", "if-none-match"];

/** How long what the worker deletes or replaces among the pictures can be brought back. */
const RECOVERY = Duration.days(7);

export type StorageProps = {
  uploadsBucketName: string | undefined;
  assetsBucketName: string | undefined;
  /** Origins of the pages that upload. */
  pageOrigins: string[];
};

export class Storage extends Construct {
  readonly uploads: Bucket;
  readonly assets: Bucket;

  constructor(scope: Construct, id: string, { uploadsBucketName, assetsBucketName, pageOrigins }: StorageProps) {
    super(scope, id);
    const incomplete: LifecycleRule = { id: "incomplete-multipart-uploads", abortIncompleteMultipartUploadAfter: Duration.days(1) };
    const common = {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: RemovalPolicy.RETAIN,
    };
    this.uploads = new Bucket(this, "Uploads", {
      ...common,
      ...(uploadsBucketName === undefined ? {} : { bucketName: uploadsBucketName }),
      cors: [{ allowedMethods: [HttpMethods.PUT], allowedOrigins: pageOrigins, allowedHeaders: SIGNED_HEADERS, exposedHeaders: ["ETag"], maxAge: 600 }],
      lifecycleRules: [
        // It was published within seconds, by the page or by the event; EventBridge tries for a day.
        ...KINDS.map((kind): LifecycleRule => ({ id: `published-${kind}`, prefix: `${kind}/`, expiration: Duration.days(1) })),
        { id: "rejected", prefix: `${REJECTED}/`, expiration: Duration.days(7) },
        incomplete,
      ],
    });
    // The property itself: the construct's own switch would bring a Lambda function that sets it.
    (this.uploads.node.defaultChild as CfnBucket).notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };

    this.assets = new Bucket(this, "Assets", {
      ...common,
      ...(assetsBucketName === undefined ? {} : { bucketName: assetsBucketName }),
      // For the pointers, `<kind>/<sub>/current.json`: they are the only objects that are written again.
      versioned: true,
      lifecycleRules: [{ id: "replaced-and-removed", noncurrentVersionExpiration: RECOVERY, expiredObjectDeleteMarker: true }, incomplete],
    });
    for (const bucket of [this.uploads, this.assets]) bucket.addToResourcePolicy(oldSignaturesRefused(bucket));
  }
}

/**
 * No URL that anybody signs is good for longer than the worker's are: who has the key for a moment cannot leave with URLs for seven days,
 * the most that S3 would take. https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html
 */
function oldSignaturesRefused(bucket: Bucket): PolicyStatement {
  return new PolicyStatement({
    sid: "RefuseOldSignatures",
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: ["s3:*"],
    resources: [bucket.bucketArn, bucket.arnForObjects("*")],
    conditions: { NumericGreaterThan: { "s3:signatureAge": String(UPLOAD_URL_LIFETIME.toMilliseconds()) } },
  });
}
