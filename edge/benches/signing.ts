/**
 * What a token and a signature cost, in three requests for an upload URL that differ by one step each: a token that is refused before any arithmetic, a
 * good token with a body that is refused, and one that is granted. The differences are upper bounds: the second request reads the body as well,
 * and the third notes in the Cache API that an upload is to be expected. What V8's profiler finds in the functions that check tokens and that sign, as its
 * part of a granted request, is a lower one: what was inlined elsewhere is not in it.
 */
import type { Limit } from "../../wasm/benches/limits.ts";
import { decimals, type Table } from "../../wasm/benches/tables.ts";
import { measured, medianOf, type Schedule, type Target } from "./load.ts";
import { profiled } from "./profile.ts";
import type { Stage } from "./stage.ts";
import type { Workerd } from "./workerd.ts";

/** People who ask in turn, as they would. */
const CALLERS = 100;

/** Names of the functions, as they stand in the module. */
const CHECKS_TOKEN = /roundel_edge::(auth::authenticate|call::Call::authenticate)\b/;
const SIGNS = /roundel_edge::storage::(presign|sigv4|bucket)::/;

type Request = { name: string; status: number; extension: string; isTokenGood: boolean };

const REFUSED: Request = { name: "refused token", status: 401, extension: "jpg", isTokenGood: false };
const CHECKED: Request = { name: "good token, refused body", status: 400, extension: "svg", isTokenGood: true };
const GRANTED: Request = { name: "upload URL granted", status: 200, extension: "jpg", isTokenGood: true };

/** As long as a good header, and decoded like one; it names no key. */
const WITHOUT_KEY = Buffer.from(JSON.stringify({ alg: "RS256", typ: "JWT" })).toString("base64url");

function target({ name, status, extension, isTokenGood }: Request, worker: Workerd, tokens: string[]): Target {
  const body = JSON.stringify({ extension, content_type: "image/jpeg", content_length: 300_000, sha256: "0".repeat(64) });
  const requests = tokens.map((token) => {
    const sent = isTokenGood ? token : [WITHOUT_KEY, ...token.split(".").slice(1)].join(".");
    return { path: "/avatars/key_upload", method: "POST" as const, headers: { authorization: `Bearer ${sent}`, "content-type": "application/json" }, body };
  });
  return { name, worker, status, requests };
}

export async function signing(stage: Stage, schedule: Schedule): Promise<{ table: Table; limits: Limit[] }> {
  const { issuer } = stage.harness.stack;
  const tokens = await Promise.all(Array.from({ length: CALLERS }, (_, caller) => issuer.accessToken({ sub: `caller-${caller}` })));
  const edge = await stage.startEdge();
  const inspected = await stage.startEdge({ isInspected: true });
  try {
    const rounds = await measured([REFUSED, CHECKED, GRANTED].map((request) => target(request, edge, tokens)), schedule);
    const cpu = ({ name }: Request): number => medianOf(rounds.get(name), (round) => round.cpuMs) ?? Number.NaN;
    const granted = target(GRANTED, inspected, tokens);
    const share = await profiled(inspected, async () => void (await measured([granted], { rounds: 3, seconds: schedule.seconds })));
    const [check, sign] = [cpu(CHECKED) - cpu(REFUSED), cpu(GRANTED) - cpu(CHECKED)];
    return {
      table: {
        title: "key_upload: CPU of the worker a request, ms",
        columns: ["request", "CPU", "more than the one above", "of that, by the profile"],
        rows: [
          [REFUSED.name, decimals(cpu(REFUSED), 2), undefined, undefined],
          [CHECKED.name, decimals(cpu(CHECKED), 2), decimals(check, 2), `token check ${decimals(share(CHECKS_TOKEN) * cpu(GRANTED), 2)}`],
          [GRANTED.name, decimals(cpu(GRANTED), 2), decimals(sign, 2), `signing ${decimals(share(SIGNS) * cpu(GRANTED), 2)}`],
        ],
      },
      limits: [
        { figure: "token check with warm keys, RS256 of 2048 bits, CPU", relation: "at most", wanted: 1, got: check, unit: "ms", digits: 2 },
        { figure: "signing an upload URL, CPU", relation: "at most", wanted: 0.2, got: sign, unit: "ms", digits: 2 },
      ],
    };
  } finally {
    await Promise.all([edge.stop(), inspected.stop()]);
  }
}
