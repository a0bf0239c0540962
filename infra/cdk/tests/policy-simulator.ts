/**
 * What AWS would say to a request, by the policies of a synthesized template: an explicit denial wins, then an explicit permission; otherwise
 * it is denied. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 *
 * Within one account, which is all there is here: there, a permission in either the identity's or the resource's policy is enough.
 */
import type { TemplateDocument } from "./synthesized.ts";

export type Request = {
  /** `worker`, a service such as `cloudfront.amazonaws.com`, or `anyone`. */
  principal: string;
  action: string;
  resource: string;
  /** Condition keys; https by TLS 1.3 unless said otherwise. */
  context?: Record<string, string>;
};

type Value = string | string[];
type Statement = { Sid?: string; Effect: string; Principal?: Record<string, Value>; Action: Value; Resource: Value; Condition?: Record<string, Record<string, Value>> };

export type Simulator = {
  isAllowed(request: Request): boolean;
  /** The `Sid`s of the worker's statements that let a request in. */
  permittedBy(request: Request): string[];
  /** What they give: each `Sid` with each of its actions. */
  workerGrants: string[];
};

/** Elements of statements that this understands; another one would be a policy that it cannot judge. */
const UNDERSTOOD = ["Sid", "Effect", "Principal", "Action", "Resource", "Condition"];

/** `names`: of buckets, by logical ID. */
export function simulate(document: TemplateDocument, names: Record<string, string>): Simulator {
  const statements = (type: string): Statement[] =>
    Object.values(document.Resources)
      .filter((resource) => resource.Type === type)
      .flatMap(({ Properties }) => (resolve((Properties["PolicyDocument"] as { Statement: unknown }).Statement, names) as Statement[]));
  const workers = Object.entries(document.Resources)
    .filter(([id, { Type }]) => Type === "AWS::IAM::Policy" && id.startsWith("Worker"))
    .flatMap(([, { Properties }]) => resolve((Properties["PolicyDocument"] as { Statement: unknown }).Statement, names) as Statement[]);
  const buckets = statements("AWS::S3::BucketPolicy");
  for (const statement of [...workers, ...buckets]) {
    const foreign = Object.keys(statement).find((element) => !UNDERSTOOD.includes(element));
    if (foreign !== undefined) throw new Error(`a statement has ${foreign}, which this does not understand`);
  }

  const matching = (effect: string, { principal, action, resource, context = {} }: Request): { sid: string; isWorkers: boolean }[] => {
    const known = { "aws:SecureTransport": "true", "s3:TlsVersion": "1.3", ...context };
    const fits = (statement: Statement): boolean =>
      statement.Effect === effect &&
      list(statement.Action).some((pattern) => isLike(action.toLowerCase(), pattern.toLowerCase())) &&
      list(statement.Resource).some((pattern) => isLike(resource, pattern)) &&
      Object.entries(statement.Condition ?? {}).every(([operator, keys]) => Object.entries(keys).every(([key, wanted]) => holds(operator, known[key as keyof typeof known], list(wanted))));
    const isMeant = ({ Principal }: Statement): boolean => Object.values(Principal ?? {}).flatMap(list).some((one) => one === "*" || one === principal);
    return [
      ...(principal === "worker" ? workers.filter(fits).map(({ Sid = "" }) => ({ sid: Sid, isWorkers: true })) : []),
      ...buckets.filter((statement) => isMeant(statement) && fits(statement)).map(({ Sid = "" }) => ({ sid: Sid, isWorkers: false })),
    ];
  };
  return {
    isAllowed: (request) => matching("Deny", request).length === 0 && matching("Allow", request).length > 0,
    permittedBy: (request) => matching("Allow", request).filter(({ isWorkers }) => isWorkers).map(({ sid }) => sid),
    workerGrants: workers.flatMap(({ Sid = "", Action }) => list(Action).map((action) => `${Sid} ${action}`)),
  };
}

const list = (value: Value): string[] => (Array.isArray(value) ? value.map(String) : [String(value)]);

/** `*` is any text, `?` any character. */
function isLike(text: string, pattern: string): boolean {
  const escaped = pattern.replace(/[\\^$.|+()[\]{}]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".");
  return new RegExp(`^${escaped}$`, "s").test(text);
}

/** A condition on a key that the request does not have does not hold. */
function holds(operator: string, actual: string | undefined, wanted: string[]): boolean {
  const tests: Record<string, (actual: string, wanted: string) => boolean> = {
    Bool: (a, b) => a === b,
    StringEquals: (a, b) => a === b,
    StringLike: isLike,
    NumericLessThan: (a, b) => Number(a) < Number(b),
    NumericGreaterThan: (a, b) => Number(a) > Number(b),
  };
  const test = tests[operator];
  if (!test) throw new Error(`a statement has the condition ${operator}, which this does not understand`);
  return actual !== undefined && wanted.some((one) => test(actual, one));
}

/** Puts names in the place of references. What is no bucket keeps its logical ID as its name. */
function resolve(value: unknown, names: Record<string, string>): unknown {
  if (Array.isArray(value)) return value.map((one) => resolve(one, names));
  if (value === null || typeof value !== "object") return value;
  const [[key, inner] = ["", undefined], ...others] = Object.entries(value);
  if (others.length === 0) {
    if (key === "Ref") return String(inner) === "AWS::Partition" ? "aws" : String(inner) === "AWS::AccountId" ? "000000000000" : (names[String(inner)] ?? String(inner));
    if (key === "Fn::GetAtt") {
      const [id = "", attribute] = inner as string[];
      if (attribute !== "Arn") throw new Error(`the attribute ${attribute} is not understood`);
      return `arn:aws:s3:::${names[id] ?? id}`;
    }
    if (key === "Fn::Join") {
      const [separator, parts] = inner as [string, unknown[]];
      return parts.map((part) => String(resolve(part, names))).join(separator);
    }
    if (key.startsWith("Fn::")) throw new Error(`${key} is not understood`);
  }
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, resolve(one, names)]));
}
