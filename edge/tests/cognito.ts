/** Amazon Cognito as moto plays it: user pools, clients, people who sign in with a password. */
import { startMotoServer } from "../../infra/local/moto.ts";

const REGION = "us-east-1";

export type Tokens = { accessToken: string; idToken: string };

export type Cognito = {
  /** Where a pool's keys are. */
  jwksUrl(poolId: string): string;
  createPool(): Promise<string>;
  createClient(poolId: string): Promise<string>;
  /** Gives the person's `sub`. */
  createPerson(poolId: string, name: string): Promise<string>;
  signIn(clientId: string, name: string): Promise<Tokens>;
  stop(): Promise<void>;
};

export async function startCognito(stateDirectory: string): Promise<Cognito> {
  const { origin, child } = await startMotoServer(stateDirectory);

  /** Calls an operation of Cognito's JSON API. moto reads the service from the credentials' scope and checks nothing of them. */
  async function call(operation: string, input: object): Promise<Record<string, Record<string, unknown>>> {
    const scope = `AWS4-HMAC-SHA256 Credential=test/20260101/${REGION}/cognito-idp/aws4_request, SignedHeaders=host, Signature=0`;
    const headers = { authorization: scope, "content-type": "application/x-amz-json-1.1", "x-amz-target": `AWSCognitoIdentityProviderService.${operation}` };
    const response = await fetch(origin, { method: "POST", headers, body: JSON.stringify(input) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${operation}: ${response.status} ${text}`);
    return JSON.parse(text) as Record<string, Record<string, unknown>>;
  }

  const password = (name: string): string => `Correct-Horse-7-${name}`;
  return {
    jwksUrl: (poolId) => `${origin}/${poolId}/.well-known/jwks.json`,
    createPool: async () => String((await call("CreateUserPool", { PoolName: "people" }))["UserPool"]?.["Id"]),
    createClient: async (poolId) => {
      const created = await call("CreateUserPoolClient", { UserPoolId: poolId, ClientName: "page", ExplicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"] });
      return String(created["UserPoolClient"]?.["ClientId"]);
    },
    createPerson: async (poolId, name) => {
      const created = await call("AdminCreateUser", { UserPoolId: poolId, Username: name, MessageAction: "SUPPRESS" });
      await call("AdminSetUserPassword", { UserPoolId: poolId, Username: name, Password: password(name), Permanent: true });
      const attributes = created["User"]?.["Attributes"] as { Name: string; Value: string }[];
      return attributes.find(({ Name }) => Name === "sub")?.Value ?? "";
    },
    signIn: async (clientId, name) => {
      const answer = await call("InitiateAuth", { AuthFlow: "USER_PASSWORD_AUTH", ClientId: clientId, AuthParameters: { USERNAME: name, PASSWORD: password(name) } });
      const result = answer["AuthenticationResult"];
      return { accessToken: String(result?.["AccessToken"]), idToken: String(result?.["IdToken"]) };
    },
    stop: () => child.stop(),
  };
}
