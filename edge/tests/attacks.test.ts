/** The attack list of attacks.json through HTTP: each entry is refused like every other one, and the log says why without showing the token. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { newSigningKey, signingKey } from "../../infra/local/tokens.ts";
import { attacks, attackToken, type Parties } from "./attack-tokens.ts";
import { assertProblem, startHarness, type Harness } from "./harness.ts";

let harness: Harness;
let parties: Parties;
const stateDirectory = mkdtempSync(join(tmpdir(), "roundel-edge-attacks-"));
before(async () => {
  harness = await startHarness({ stateDirectory });
  const { issuer } = harness.stack;
  parties = { issuer: issuer.url, clientId: issuer.clientId, key: await signingKey(stateDirectory), stranger: await newSigningKey() };
});
after(async () => {
  await harness?.stop();
  rmSync(stateDirectory, { recursive: true, force: true });
});

const ask = (token: string): Promise<Response> =>
  harness.get("/avatars/key_upload", { method: "POST", headers: { authorization: `Bearer ${token}` }, body: JSON.stringify({ extension: "jpg" }) });

/** The log lines that came since `from`, once there is one of a request. */
async function linesSince(from: number): Promise<string> {
  for (let waited = 0; waited < 5_000; waited += 20) {
    const lines = harness.stack.workerLog().slice(from);
    if (lines.includes(`"code":"unauthorized"`)) return lines;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("the worker logged nothing");
}

test("good tokens open", async () => {
  const good = attacks.filter(({ accepted }) => accepted);
  assert.ok(good.length >= 8);
  for (const attack of good) {
    const response = await ask(await attackToken(attack, parties));
    assert.equal(response.status, 200, `${attack.name}: ${await response.text()}`);
  }
});

test("no attack opens, and all get the same answer", async () => {
  const bad = attacks.filter(({ accepted }) => !accepted);
  assert.ok(bad.length >= 130);
  const answers = new Set<string>();
  const wrong: string[] = [];
  for (const attack of bad) {
    const token = await attackToken(attack, parties);
    const from = harness.stack.workerLog().length;
    const response = await ask(token);
    answers.add(`${response.status} ${response.headers.get("www-authenticate")} ${await response.clone().text()}`);
    await assertProblem(response, 401, "unauthorized");
    const lines = await linesSince(from);
    if (!lines.includes(`"reason":"token: ${attack.reason}"`)) wrong.push(`${attack.name}: ${lines}`);
    for (const part of token.split(".")) if (part.length > 20) assert.ok(!lines.includes(part), `${attack.name}: the log shows the token`);
  }
  assert.deepEqual(wrong, []);
  assert.equal(answers.size, 1, [...answers].join("\n"));
  assert.match([...answers][0] ?? "", /^401 Bearer error="invalid_token" \{/);
  assert.ok(!harness.stack.workerLog().includes("attacker.example"), "nothing of a header is logged");
});

test("two tokens in two headers are none", async () => {
  const good = await attackToken({ name: "good" }, parties);
  const response = await harness.get("/avatars/key_upload", { method: "POST", headers: [["authorization", `Bearer ${good}`], ["authorization", `Bearer ${good}`]], body: "{}" });
  await assertProblem(response, 401, "unauthorized");
});

test("a token in the query or the body is none", async () => {
  const good = await attackToken({ name: "good" }, parties);
  const response = await harness.get(`/avatars/key_upload?access_token=${good}`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: `access_token=${good}`,
  });
  assert.equal(response.headers.get("www-authenticate"), "Bearer");
  await assertProblem(response, 401, "unauthorized");
  assert.ok(!harness.stack.workerLog().includes(good));
});
