/** A Cognito user pool, for those who have none: people sign in with their e-mail address, pages by the code flow with PKCE. */
import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { AccountRecovery, Mfa, OAuthScope, UserPool, UserPoolClient, UserPoolDomain } from "aws-cdk-lib/aws-cognito";
import { Construct } from "constructs";

export type UserPoolProps = {
  /** Of the sign-in page: `https://<prefix>.auth.<region>.amazoncognito.com`. */
  domainPrefix: string;
  /** Pages that people come back to. */
  pageOrigins: string[];
};

export class People extends Construct {
  readonly pool: UserPool;
  readonly client: UserPoolClient;

  constructor(scope: Construct, id: string, { domainPrefix, pageOrigins }: UserPoolProps) {
    super(scope, id);
    this.pool = new UserPool(this, "Pool", {
      signInAliases: { email: true },
      signInCaseSensitive: false,
      selfSignUpEnabled: false,
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      passwordPolicy: { minLength: 12, requireLowercase: true, requireUppercase: true, requireDigits: true, requireSymbols: true, tempPasswordValidity: Duration.days(3) },
      mfa: Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const urls = pageOrigins.map((origin) => `${origin}/`);
    this.client = new UserPoolClient(this, "Page", {
      userPool: this.pool,
      // A page cannot keep a secret; PKCE takes its place.
      generateSecret: false,
      oAuth: { flows: { authorizationCodeGrant: true }, scopes: [OAuthScope.OPENID], callbackUrls: urls, logoutUrls: urls },
      authFlows: {},
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      // The worker cannot know that a token was revoked: they live shortly (docs/security.md).
      accessTokenValidity: Duration.minutes(15),
      idTokenValidity: Duration.minutes(15),
      refreshTokenValidity: Duration.days(30),
    });
    new UserPoolDomain(this, "SignInPage", { userPool: this.pool, cognitoDomain: { domainPrefix } });
  }
}
