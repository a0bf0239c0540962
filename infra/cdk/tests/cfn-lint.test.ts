/** AWS's own linter finds nothing in the templates, and would. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { ensureMoto } from "../../setup/python.ts";
import { LEAST, MOST, synthesize } from "./synthesized.ts";

type Finding = { Filename: string; Rule: { Id: string }; Message: string };

test("cfn-lint is content with the templates, and would tell", async () => {
  const templates = [synthesize({ ...LEAST, WORKER_PRINCIPAL_ARN: "arn:aws:iam::000000000000:role/edge-machine" }), synthesize(MOST)];
  const spoiled = join(templates[0]?.directory ?? "", "spoiled.json");
  writeFileSync(spoiled, (templates[1]?.text ?? "").replace('"VersioningConfiguration"', '"Versioning"'));
  const paths = [...templates.map(({ path }) => path), spoiled];
  const { stdout, stderr, status } = spawnSync(join(dirname(await ensureMoto()), "cfn-lint"), ["--format", "json", "--regions", "eu-central-1", "--template", ...paths], { encoding: "utf8" });
  assert.notEqual(status, null, stderr);
  const findings = JSON.parse(stdout) as Finding[];
  assert.deepEqual(findings.filter(({ Filename }) => Filename !== spoiled), []);
  assert.match(findings.map(({ Rule, Message }) => `${Rule.Id} ${Message}`).join("\n"), /E3002 .*'Versioning' was unexpected/);
});
