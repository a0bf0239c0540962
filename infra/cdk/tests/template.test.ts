/** What is promised of the infrastructure, read from the template that CloudFormation gets. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Match, Template } from "aws-cdk-lib/assertions";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { inRoot } from "../../setup/paths.ts";
import { LEAST, MOST, synthesize, WORKER_ORIGIN, type Resource, type Synthesized } from "./synthesized.ts";

const least = synthesize(LEAST);
const most = synthesize(MOST);
const both: [string, Synthesized][] = [["with the least", least], ["with everything", most]];

function bucketIds({ document }: Synthesized): { uploads: string; assets: string } {
  const target = (name: string): string => (document.Outputs[name]?.Value as { Ref: string }).Ref;
  return { uploads: target("UploadsBucketName"), assets: target("AssetsBucketName") };
}

const ofType = ({ document }: Synthesized, type: string): Resource[] => Object.values(document.Resources).filter((resource) => resource.Type === type);

for (const [name, synthesized] of both) {
  const { template, document, text } = synthesized;
  describe(`the stack ${name}`, () => {
    it("keeps both buckets private, encrypted, without ACLs, and when the stack is deleted", () => {
      template.resourceCountIs("AWS::S3::Bucket", 2);
      template.allResources("AWS::S3::Bucket", {
        DeletionPolicy: "Retain",
        UpdateReplacePolicy: "Retain",
        Properties: Match.objectLike({
          PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
          BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }] },
          OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
        }),
      });
    });

    it("refuses plain HTTP, old TLS and old signatures at both buckets, whoever asks for whatever", () => {
      template.resourceCountIs("AWS::S3::BucketPolicy", 2);
      const { uploads, assets } = bucketIds(synthesized);
      for (const bucket of [uploads, assets]) {
        const everything = [{ "Fn::GetAtt": [bucket, "Arn"] }, { "Fn::Join": ["", [{ "Fn::GetAtt": [bucket, "Arn"] }, "/*"]] }];
        const denied = (condition: object): object => Match.objectLike({ Effect: "Deny", Principal: { AWS: "*" }, Action: "s3:*", Resource: everything, Condition: condition });
        template.hasResourceProperties("AWS::S3::BucketPolicy", {
          Bucket: { Ref: bucket },
          PolicyDocument: {
            Statement: Match.arrayWith([
              denied({ Bool: { "aws:SecureTransport": "false" } }),
              denied({ NumericLessThan: { "s3:TlsVersion": 1.2 } }),
              denied({ NumericGreaterThan: { "s3:signatureAge": "300000" } }),
            ]),
          },
        });
      }
    });

    it("deletes uploads after a day, refused ones after 7, and what was never finished after a day", () => {
      const rules = (bucket: string): unknown => (document.Resources[bucket]?.Properties["LifecycleConfiguration"] as { Rules: unknown[] }).Rules;
      const incomplete = { Id: "incomplete-multipart-uploads", Status: "Enabled", AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } };
      const { uploads, assets } = bucketIds(synthesized);
      assert.deepEqual(rules(uploads), [
        { Id: "published-avatars", Status: "Enabled", Prefix: "avatars/", ExpirationInDays: 1 },
        { Id: "published-banners", Status: "Enabled", Prefix: "banners/", ExpirationInDays: 1 },
        { Id: "rejected", Status: "Enabled", Prefix: "rejected/", ExpirationInDays: 7 },
        incomplete,
      ]);
      assert.deepEqual(rules(assets), [
        { Id: "replaced-and-removed", Status: "Enabled", NoncurrentVersionExpiration: { NoncurrentDays: 7 }, ExpiredObjectDeleteMarker: true },
        incomplete,
      ]);
    });

    it("keeps versions of the pointers, and none of the uploads", () => {
      const { uploads, assets } = bucketIds(synthesized);
      assert.deepEqual(document.Resources[assets]?.Properties["VersioningConfiguration"], { Status: "Enabled" });
      assert.equal(document.Resources[uploads]?.Properties["VersioningConfiguration"], undefined);
    });

    it("lets pages put what the worker signs, from their origins only", () => {
      const { uploads, assets } = bucketIds(synthesized);
      const origins = [WORKER_ORIGIN, ...(synthesized === most ? ["https://app.example.com", "https://*.pages.example.com"] : [])];
      const rule = { AllowedMethods: ["PUT"], AllowedOrigins: origins, AllowedHeaders: ["content-type", "x-amz-checksum-sha256", "if-none-match"], ExposedHeaders: ["ETag"], MaxAge: 600 };
      assert.deepEqual(document.Resources[uploads]?.Properties["CorsConfiguration"], { CorsRules: [rule] });
      assert.equal(document.Resources[assets]?.Properties["CorsConfiguration"], undefined);
    });

    it("tells the worker of each upload, tries for a day, and keeps what did not arrive for two weeks", () => {
      const { uploads } = bucketIds(synthesized);
      assert.deepEqual(document.Resources[uploads]?.Properties["NotificationConfiguration"], { EventBridgeConfiguration: { EventBridgeEnabled: true } });
      template.hasResourceProperties("AWS::Events::Rule", {
        State: "ENABLED",
        EventPattern: {
          account: [{ Ref: "AWS::AccountId" }],
          source: ["aws.s3"],
          "detail-type": ["Object Created"],
          detail: { bucket: { name: [{ Ref: uploads }] }, object: { key: [{ prefix: "avatars/" }, { prefix: "banners/" }] } },
        },
        Targets: [Match.objectLike({ RetryPolicy: { MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86400 }, DeadLetterConfig: { Arn: Match.anyValue() } })],
      });
      template.hasResourceProperties("AWS::Events::ApiDestination", { HttpMethod: "POST", InvocationEndpoint: `${WORKER_ORIGIN}/hooks/object-created` });
      template.hasResourceProperties("AWS::SQS::Queue", { SqsManagedSseEnabled: true, MessageRetentionPeriod: 1_209_600 });
      template.hasResourceProperties("AWS::SQS::QueuePolicy", {
        PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Effect: "Deny", Action: "sqs:*", Condition: { Bool: { "aws:SecureTransport": "false" } } })]) },
      });
    });

    it("raises an alarm for one event that did not arrive", () => {
      const [alarm] = ofType(synthesized, "AWS::CloudWatch::Alarm");
      assert.ok(alarm);
      const { MetricName, Threshold, ComparisonOperator, AlarmActions, TreatMissingData } = alarm.Properties;
      const expected = { MetricName: "ApproximateNumberOfMessagesVisible", Threshold: 1, ComparisonOperator: "GreaterThanOrEqualToThreshold", TreatMissingData: "notBreaching" };
      assert.deepEqual({ MetricName, Threshold, ComparisonOperator, TreatMissingData }, expected);
      assert.deepEqual(AlarmActions, [document.Outputs["AlarmTopicArn"]?.Value]);
      template.resourceCountIs("AWS::SNS::Subscription", synthesized === most ? 1 : 0);
    });

    it("shows the hook's secret in the header that the worker reads, and has it in Secrets Manager only", () => {
      template.hasResourceProperties("AWS::SecretsManager::Secret", { GenerateSecretString: { ExcludePunctuation: true, PasswordLength: 64 } });
      const secret = (document.Outputs["HookSecretArn"]?.Value as { Ref: string }).Ref;
      template.hasResourceProperties("AWS::Events::Connection", {
        AuthorizationType: "API_KEY",
        AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: "Authorization", ApiKeyValue: { "Fn::Join": ["", ["Bearer {{resolve:secretsmanager:", { Ref: secret }, ":SecretString:::}}"]] } } },
      });
      assert.doesNotMatch(text, /SecretAccessKey|AWS::IAM::AccessKey/, "access keys are made by the deployment, not by the template");
    });

    it("fits into what CloudFormation takes without a bucket for templates", () => {
      assert.ok(JSON.stringify(document).length < 51_200);
      assert.doesNotMatch(text, /bootstrap/i);
      assert.deepEqual(ofType(synthesized, "AWS::Lambda::Function"), []);
    });
  });
}

describe("the worker's identity", () => {
  it("is a user that has one policy of its own and no group", () => {
    least.template.resourceCountIs("AWS::IAM::User", 1);
    assert.deepEqual(ofType(least, "AWS::IAM::User").map(({ Properties }) => Object.keys(Properties ?? {}).filter((name) => name !== "Tags")), [[]]);
    assert.equal(least.document.Outputs["WorkerRoleArn"], undefined);
  });

  it("or a role for an hour, that one principal may take", () => {
    const principal = "arn:aws:iam::000000000000:role/edge-machine";
    const { template, document } = synthesize({ ...LEAST, WORKER_PRINCIPAL_ARN: principal });
    template.resourceCountIs("AWS::IAM::User", 0);
    const role = (document.Outputs["WorkerRoleArn"]?.Value as { "Fn::GetAtt": [string, string] })["Fn::GetAtt"][0];
    const { MaxSessionDuration, AssumeRolePolicyDocument } = document.Resources[role]?.Properties ?? {};
    assert.equal(MaxSessionDuration, 3600);
    assert.deepEqual((AssumeRolePolicyDocument as { Statement: unknown }).Statement, [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: principal } }]);
  });
});

describe("CloudFront, where it is asked for", () => {
  it("is not there otherwise", () => {
    least.template.resourceCountIs("AWS::CloudFront::Distribution", 0);
    least.template.resourceCountIs("AWS::Cognito::UserPool", 0);
  });

  it("reads the assets by origin access control, and nobody else does", () => {
    most.template.hasResourceProperties("AWS::CloudFront::OriginAccessControl", { OriginAccessControlConfig: Match.objectLike({ OriginAccessControlOriginType: "s3", SigningBehavior: "always", SigningProtocol: "sigv4" }) });
    const allowed = ofType(most, "AWS::S3::BucketPolicy").flatMap(({ Properties }) => (Properties["PolicyDocument"] as { Statement: { Effect: string }[] }).Statement.filter(({ Effect }) => Effect === "Allow"));
    assert.equal(allowed.length, 1);
    const [distribution] = Object.keys(most.template.findResources("AWS::CloudFront::Distribution"));
    assert.deepEqual(
      allowed.map(({ Effect: _, ...rest }) => rest),
      [{
        Action: "s3:GetObject",
        Principal: { Service: "cloudfront.amazonaws.com" },
        Resource: { "Fn::Join": ["", [{ "Fn::GetAtt": [bucketIds(most).assets, "Arn"] }, "/*"]] },
        Condition: { StringEquals: { "AWS:SourceArn": { "Fn::Join": ["", ["arn:", { Ref: "AWS::Partition" }, ":cloudfront::", { Ref: "AWS::AccountId" }, ":distribution/", { Ref: distribution }]] } } },
      }],
    );
  });

  it("redirects to https, with managed policies: CachingOptimized, CORS-CustomOrigin, SimpleCORS; pointers are not cached", () => {
    const behaviour = { ViewerProtocolPolicy: "redirect-to-https", OriginRequestPolicyId: "59781a5b-3903-41f3-afcb-af62929ccde1", ResponseHeadersPolicyId: "60669652-455b-4ae9-85a4-c4c02393f86c", AllowedMethods: ["GET", "HEAD", "OPTIONS"] };
    most.template.hasResourceProperties("AWS::CloudFront::Distribution", {
      DistributionConfig: Match.objectLike({
        DefaultCacheBehavior: Match.objectLike({ ...behaviour, CachePolicyId: "658327ea-f89d-4fab-a63d-7e88639e58f6" }),
        CacheBehaviors: [Match.objectLike({ ...behaviour, PathPattern: "*/current.json", CachePolicyId: "4135ea2d-6df8-44a3-9df3-4b5a84be39ad" })],
      }),
    });
  });

  it("has the name, the certificate, TLS 1.2 and records for IPv4 and IPv6", () => {
    most.template.hasResourceProperties("AWS::CloudFront::Distribution", {
      DistributionConfig: Match.objectLike({ Aliases: ["pictures.example.com"], ViewerCertificate: { AcmCertificateArn: MOST.CDN_CERTIFICATE_ARN, MinimumProtocolVersion: "TLSv1.2_2021", SslSupportMethod: "sni-only" } }),
    });
    for (const type of ["A", "AAAA"]) most.template.hasResourceProperties("AWS::Route53::RecordSet", { Type: type, Name: "pictures.example.com.", HostedZoneId: "Z0EXAMPLE", AliasTarget: Match.anyValue() });
    const unnamed = synthesize({ ...LEAST, CDN: "true" });
    unnamed.template.resourceCountIs("AWS::CloudFront::Distribution", 1);
    unnamed.template.resourceCountIs("AWS::Route53::RecordSet", 0);
  });
});

describe("a user pool, where it is asked for", () => {
  it("has long passwords, short tokens, no client secret, and survives the stack", () => {
    most.template.hasResource("AWS::Cognito::UserPool", {
      DeletionPolicy: "Retain",
      Properties: Match.objectLike({ DeletionProtection: "ACTIVE", Policies: { PasswordPolicy: Match.objectLike({ MinimumLength: 12 }) }, AdminCreateUserConfig: { AllowAdminCreateUserOnly: true } }),
    });
    most.template.hasResourceProperties("AWS::Cognito::UserPoolClient", {
      GenerateSecret: false,
      AllowedOAuthFlows: ["code"],
      AllowedOAuthScopes: ["openid"],
      CallbackURLs: [`${WORKER_ORIGIN}/`, "https://app.example.com/"],
      PreventUserExistenceErrors: "ENABLED",
      EnableTokenRevocation: true,
      AccessTokenValidity: 15,
    });
    assert.deepEqual(Object.keys(most.document.Outputs).filter((name) => /UserPoolId|ClientId/.test(name)), ["UserPoolId", "ClientId"]);
  });
});

type Report = { pluginReports: { pluginName: string; violations: { ruleName: string }[]; suppressedViolations?: { ruleName: string; violatingConstructs?: unknown[] }[] }[] };

describe("the rules of AwsSolutions", () => {
  for (const [name, variables] of [["with the least", LEAST], ["with everything", MOST], ["with CloudFront's own name", { ...LEAST, CDN: "true" }]] as const) {
    it(`are kept ${name}, but for those that are acknowledged`, () => {
      const { directory } = synthesize(variables);
      const report = JSON.parse(readFileSync(join(directory, "validation-report.json"), "utf8")) as Report;
      const found = report.pluginReports.find(({ pluginName }) => pluginName === "AwsSolutions");
      assert.ok(found);
      assert.deepEqual(found.violations, []);
      const acknowledged = [...new Set(found.suppressedViolations?.map(({ ruleName }) => ruleName.replace(/\[.*/, "")))].sort();
      const expected = ["IAM5", "S1", "SMG4", "SQS3", ...("CREATE_USER_POOL" in variables ? ["COG2", "COG8"] : []), ...("CDN" in variables ? ["CFR1", "CFR2", "CFR3"] : []), ...("CDN" in variables && !("CDN_DOMAIN" in variables) ? ["CFR4"] : [])];
      assert.deepEqual(acknowledged, expected.map((rule) => `AwsSolutions-${rule}`).sort());
    });
  }

  it("stop the synthesis of what breaks one", () => {
    assert.throws(() => synthesize(LEAST, ({ stack }) => new Bucket(stack, "Open")), /Validation failed/);
  });

  it("are acknowledged with a reason each", () => {
    const source = readFileSync(inRoot("infra", "cdk", "acknowledged.ts"), "utf8");
    const reasons = [...source.matchAll(/^(?:const [A-Z_]+ =|  [a-z]+:) "(.*)"[;,]$/gm)].map(([, reason]) => reason ?? "");
    assert.equal(reasons.length, 11);
    for (const reason of reasons) assert.ok(reason.length > 40, reason);
  });
});

describe("the template as a whole", () => {
  it("is what it was when it was last looked at", () => {
    // Logical IDs end in a hash of where a construct is; moving one is worth seeing, so that they stay.
    const snapshot = inRoot("infra", "cdk", "tests", "template.snapshot.json");
    const normalised = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(normalised);
      if (value === null || typeof value !== "object") return value;
      return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, normalised(one)]));
    };
    const got = `${JSON.stringify(normalised(most.document), null, 1)}\n`;
    const wanted = existsSync(snapshot) ? readFileSync(snapshot, "utf8") : "";
    if (got !== wanted) writeFileSync(snapshot.replace(/json$/, "got.json"), got);
    assert.ok(got === wanted, "the template has changed: compare template.snapshot.got.json with template.snapshot.json, and put it in its place if that is meant");
  });

  it("is the same each time", () => {
    assert.equal(synthesize(MOST).text, most.text);
    assert.ok(Template.fromJSON(most.document));
  });
});
