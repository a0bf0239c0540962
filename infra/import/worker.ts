/** The worker, asked as S3's events ask it: `POST /hooks/object-created`. It alone makes pictures and publishes them. */
import { FatalError, isTransientStatus, parseRetryAfter, TransientError } from "./failure.ts";
import { bare, codeOf } from "./s3.ts";

/** A picture that waits for room in the worker, and a large one, take their time. */
const ANSWER_TIMEOUT_MS = 120_000;

export type Answer =
  | { kind: "counts"; version: string; /** The upload that it was made of. */ upload: { key: string; etag: string } }
  | { kind: "refused"; code: string; detail: string }
  /** There is no upload, or the worker looks after other buckets. */
  | { kind: "nothing" };

export type WorkerAddress = { origin: string; hookSecret: string; uploadsBucket: string };

export class Worker {
  readonly #address: WorkerAddress;

  constructor(address: WorkerAddress) {
    this.#address = address;
  }

  /** Has the newest upload of a person published, and tells what counts then. */
  async publish(key: string): Promise<Answer> {
    const detail = { bucket: { name: this.#address.uploadsBucket }, object: { key } };
    const { status, text } = await this.#post({ source: "aws.s3", "detail-type": "Object Created", detail });
    if (status === 204) return { kind: "nothing" };
    const answer = parsed(text) as { version?: string; upload?: { key: string; etag: string }; refused?: string; detail?: string } | undefined;
    if (answer?.refused !== undefined) return { kind: "refused", code: answer.refused, detail: answer.detail ?? "" };
    if (answer?.version === undefined || !answer.upload) throw new FatalError(`${this.#address.origin} answers as no worker of this version does: deploy it anew (npm run deploy)`);
    return { kind: "counts", version: answer.version, upload: { key: answer.upload.key, etag: bare(answer.upload.etag) } };
  }

  /** Whether the secret is the worker's, by an event that is nobody's. */
  async greet(): Promise<void> {
    const { status } = await this.#post({});
    if (status !== 204) throw new FatalError(`${this.#address.origin}/hooks/object-created answers ${status}: is WORKER_ORIGIN that of a Roundel worker?`);
  }

  /** Most bytes that an upload may have. */
  async maxUploadBytes(): Promise<number> {
    const { status, text } = await this.#ask("/config.json", {});
    const { max_upload_bytes: limit } = (parsed(text) ?? {}) as { max_upload_bytes?: number };
    if (status !== 200 || typeof limit !== "number") throw new FatalError(`${this.#address.origin}/config.json answers ${status} without max_upload_bytes: is WORKER_ORIGIN that of a Roundel worker?`);
    return limit;
  }

  #post(event: object): Promise<{ status: number; text: string }> {
    const headers = { authorization: `Bearer ${this.#address.hookSecret}`, "content-type": "application/json" };
    return this.#ask("/hooks/object-created", { method: "POST", headers, body: JSON.stringify(event) });
  }

  async #ask(path: string, init: RequestInit): Promise<{ status: number; text: string }> {
    const { origin } = this.#address;
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${origin}${path}`, { ...init, redirect: "manual", signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
      text = await response.text();
    } catch (error) {
      throw new TransientError(`the worker gives no answer (${codeOf(error)})`);
    }
    const { status } = response;
    const { code = "", detail = "" } = (parsed(text) ?? {}) as { code?: string; detail?: string };
    if (code === "misconfigured") throw new FatalError(`${origin}: ${detail}`);
    if (isTransientStatus(status)) throw new TransientError(`the worker answers ${status} ${code}`.trimEnd(), parseRetryAfter(response.headers.get("retry-after")));
    if (status === 401 || status === 403) throw new FatalError(`${origin}/hooks/object-created answers ${status}: HOOK_SECRET is not the worker's`);
    if (status >= 300) throw new FatalError(`${origin}${path} answers ${status} ${code}: is WORKER_ORIGIN that of a Roundel worker?`);
    return { status, text };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
