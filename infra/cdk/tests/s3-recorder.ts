/** Stands before a storage, hands everything on, and writes down what was asked, in the words of IAM. */
import { createServer, request as send, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Asked = {
  action: string;
  resource: string;
  /** Condition keys of the request. */
  context: Record<string, string>;
  status: number;
};

export type Recorder = { endpoint: string; asked: Asked[]; stop(): Promise<void> };

export async function startRecorder(upstream: string): Promise<Recorder> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => handOn(upstream, request, response, asked));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    asked,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function handOn(upstream: string, request: IncomingMessage, response: ServerResponse, asked: Asked[]): void {
  const onward = send(new URL(request.url ?? "/", upstream), { method: request.method, headers: request.headers }, (answer) => {
    const status = answer.statusCode ?? 502;
    asked.push({ ...inWordsOfIam(request), status });
    response.writeHead(status, answer.headers);
    answer.pipe(response);
  });
  onward.on("error", () => response.destroy());
  request.pipe(onward);
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */
function inWordsOfIam(request: IncomingMessage): Omit<Asked, "status"> {
  const url = new URL(request.url ?? "/", "http://storage");
  const [, bucket = "", ...rest] = url.pathname.split("/").map(decodeURIComponent);
  const key = rest.join("/");
  const resource = `arn:aws:s3:::${bucket}${key === "" ? "" : `/${key}`}`;
  const prefix = url.searchParams.get("prefix");
  const context: Record<string, string> = prefix === null ? {} : { "s3:prefix": prefix };
  const date = url.searchParams.get("X-Amz-Date");
  if (date !== null) context["s3:signatureAge"] = String(Date.now() - Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z")));
  if (key === "" && request.method === "GET" && url.searchParams.get("list-type") === "2") return { action: "s3:ListBucket", resource, context };
  const action = { GET: "s3:GetObject", PUT: "s3:PutObject", DELETE: "s3:DeleteObject" }[request.method ?? ""];
  return { action: key === "" || action === undefined ? `unknown ${request.method} ${request.url}` : action, resource, context };
}
