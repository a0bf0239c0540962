/** The workflows for GitHub Actions hand on what a deployment reads, and no more rights than it needs. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { SETTING_NAMES } from "../../cdk/settings.ts";
import { inRoot } from "../../setup/paths.ts";

const read = (name: string): string => readFileSync(inRoot(".github", "workflows", name), "utf8");

describe("the workflows", () => {
  it("give a deployment every setting, from the environment that is chosen", () => {
    const given = [...read("deploy.yml").matchAll(/^ {6}([A-Z_]+): \$\{\{ (?:vars\.\1|inputs\.stage) \}\}$/gm)].map(([, name]) => name);
    assert.deepEqual(given.toSorted(), [...SETTING_NAMES].toSorted());
  });

  it("hold one secret, in the step that needs it, and no key of AWS", () => {
    const secrets = [...read("deploy.yml").matchAll(/secrets\.(\w+)/g)].map(([, name]) => name);
    assert.deepEqual(secrets, ["CLOUDFLARE_API_TOKEN"]);
    assert.match(read("deploy.yml"), /- run: npm run deploy -- --yes\n {8}env:\n {10}CLOUDFLARE_API_TOKEN/);
    assert.doesNotMatch(read("test.yml"), /secrets\.|id-token/);
  });

  it("may read the repository, and nothing of it is left for later steps", () => {
    for (const name of ["test.yml", "deploy.yml"]) {
      assert.match(read(name), /^permissions:\n {2}contents: read\n/m);
      assert.doesNotMatch(read(name), /: write(?<!id-token: write)/);
      assert.match(read(name), /persist-credentials: false/);
      // What others write is never part of a command.
      for (const [line] of read(name).matchAll(/run: .*/g)) assert.doesNotMatch(line, /\$\{\{/);
    }
  });
});
