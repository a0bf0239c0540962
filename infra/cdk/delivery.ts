/** CloudFront in front of the assets bucket, for those who serve pictures without the worker. */
import { Stack } from "aws-cdk-lib";
import { Certificate } from "aws-cdk-lib/aws-certificatemanager";
import {
  AllowedMethods, CachePolicy, CachedMethods, Distribution, HttpVersion, OriginRequestPolicy, PriceClass, ResponseHeadersPolicy, SecurityPolicyProtocol, ViewerProtocolPolicy,
  type BehaviorOptions,
} from "aws-cdk-lib/aws-cloudfront";
import { S3BucketOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import { AaaaRecord, ARecord, HostedZone, RecordTarget } from "aws-cdk-lib/aws-route53";
import { CloudFrontTarget } from "aws-cdk-lib/aws-route53-targets";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import type { DeliveryDomain } from "./settings.ts";

export class Delivery extends Construct {
  readonly distribution: Distribution;
  /** Whether it has a domain of one's own, and so a certificate of one's own. */
  readonly hasDomain: boolean;

  constructor(scope: Construct, id: string, { assets, domain }: { assets: IBucket; domain: DeliveryDomain | undefined }) {
    super(scope, id);
    this.hasDomain = domain !== undefined;
    const behaviour: BehaviorOptions = {
      origin: S3BucketOrigin.withOriginAccessControl(assets),
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      allowedMethods: AllowedMethods.ALLOW_GET_HEAD_OPTIONS,
      cachedMethods: CachedMethods.CACHE_GET_HEAD_OPTIONS,
      cachePolicy: CachePolicy.CACHING_OPTIMIZED,
      // Managed policies CORS-CustomOrigin and SimpleCORS.
      originRequestPolicy: OriginRequestPolicy.CORS_CUSTOM_ORIGIN,
      responseHeadersPolicy: ResponseHeadersPolicy.CORS_ALLOW_ALL_ORIGINS,
      compress: true,
    };
    this.distribution = new Distribution(this, "Distribution", {
      comment: `Finished pictures of ${Stack.of(this).stackName}`,
      defaultBehavior: behaviour,
      // Versions never change; the pointer to the one that counts does, and is read anew each time.
      additionalBehaviors: { "*/current.json": { ...behaviour, cachePolicy: CachePolicy.CACHING_DISABLED } },
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
      httpVersion: HttpVersion.HTTP2_AND_3,
      priceClass: PriceClass.PRICE_CLASS_100,
      ...(domain === undefined ? {} : { domainNames: [domain.name], certificate: Certificate.fromCertificateArn(this, "Certificate", domain.certificateArn) }),
    });
    if (domain?.hostedZone) {
      const zone = HostedZone.fromHostedZoneAttributes(this, "Zone", { hostedZoneId: domain.hostedZone.id, zoneName: domain.hostedZone.name });
      const record = { zone, recordName: domain.name, target: RecordTarget.fromAlias(new CloudFrontTarget(this.distribution)) };
      new ARecord(this, "Ipv4", record);
      new AaaaRecord(this, "Ipv6", record);
    }
  }
}
