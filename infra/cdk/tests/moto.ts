/** AWS as moto plays it: CloudFormation and S3. It checks no signatures and no permissions. */
import { startMotoServer } from "../../local/moto.ts";
import type { TemplateDocument } from "./synthesized.ts";

export type Moto = {
  origin: string;
  /** Creates the stack and gives the types of what was created, by physical ID. */
  createStack(name: string, template: TemplateDocument, region: string): Promise<Map<string, string>>;
  /** The outputs of a stack. */
  outputs(name: string, region: string): Promise<Map<string, string>>;
  stop(): Promise<void>;
};

/** What moto's CloudFormation makes nothing of. It would go on without them, but not where something refers to them. */
const UNSUPPORTED = [
  ...["AWS::S3::BucketPolicy", "AWS::SecretsManager::Secret", "AWS::Events::Connection", "AWS::Events::ApiDestination"],
  ...["AWS::SNS::TopicPolicy", "AWS::SNS::Subscription", "AWS::CloudWatch::Alarm"],
  ...["AWS::CloudFront::Distribution", "AWS::CloudFront::OriginAccessControl"],
  ...["AWS::Cognito::UserPool", "AWS::Cognito::UserPoolClient", "AWS::Cognito::UserPoolDomain"],
];

/** The template without what moto does not know, and without what cannot be without that. */
export function asFarAsSupported(template: TemplateDocument): { supported: TemplateDocument; left: string[] } {
  const left = new Set(Object.entries(template.Resources).filter(([, { Type }]) => UNSUPPORTED.includes(Type)).map(([id]) => id));
  const refersToLeft = (value: unknown): boolean => [...left].some((id) => JSON.stringify(value).includes(`{"Ref":"${id}"}`) || JSON.stringify(value).includes(`{"Fn::GetAtt":["${id}",`));
  for (let before = -1; before !== left.size; ) {
    before = left.size;
    for (const [id, resource] of Object.entries(template.Resources)) if (refersToLeft(resource)) left.add(id);
  }
  const keep = <T>(all: Record<string, T>): Record<string, T> => Object.fromEntries(Object.entries(all).filter(([id, one]) => !left.has(id) && !refersToLeft(one)));
  return { supported: { ...template, Resources: keep(template.Resources), Outputs: keep(template.Outputs) }, left: [...left].map((id) => template.Resources[id]?.Type ?? "").sort() };
}

export async function startMoto(stateDirectory: string): Promise<Moto> {
  const { origin, child } = await startMotoServer(stateDirectory);

  async function cloudFormation(action: string, region: string, parameters: Record<string, string>): Promise<string> {
    // moto reads the service and the region from the credentials' scope, and checks nothing of them.
    const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/cloudformation/aws4_request, SignedHeaders=host, Signature=0`;
    const response = await fetch(origin, { method: "POST", headers: { authorization }, body: new URLSearchParams({ Action: action, Version: "2010-05-15", ...parameters }) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${action}: ${response.status} ${text}`);
    return text;
  }
  const members = (xml: string, names: [string, string]): Map<string, string> => {
    const value = (part: string, name: string): string => new RegExp(`<${name}>([^<]*)</${name}>`).exec(part)?.[1] ?? "";
    return new Map(xml.split("<member>").slice(1).map((part): [string, string] => [value(part, names[0]), value(part, names[1])]).filter(([key]) => key !== ""));
  };
  return {
    origin,
    createStack: async (name, template, region) => {
      await cloudFormation("CreateStack", region, { StackName: name, TemplateBody: JSON.stringify(template), "Capabilities.member.1": "CAPABILITY_IAM" });
      return members(await cloudFormation("DescribeStackResources", region, { StackName: name }), ["PhysicalResourceId", "ResourceType"]);
    },
    outputs: async (name, region) => members(await cloudFormation("DescribeStacks", region, { StackName: name }), ["OutputKey", "OutputValue"]),
    stop: () => child.stop(),
  };
}
