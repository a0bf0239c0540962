/** Which browsers besides Chromium are found, and what is said of those that are not. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { candidates } from "../browsers/installed.ts";
import { findFirefox } from "../setup/firefox.ts";
import { SetupError } from "../setup/process.ts";

describe("the browsers besides Chromium", () => {
  const { PATH, FIREFOX } = process.env;
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "roundel-programs-"));
  });

  after(() => rmSync(folder, { recursive: true }));

  afterEach(() => {
    for (const [name, value] of Object.entries({ PATH, FIREFOX })) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  it("are left out, with words, where they are not installed", { skip: process.platform === "darwin" && "Firefox is not looked for on the PATH alone there" }, () => {
    process.env["PATH"] = folder;
    delete process.env["FIREFOX"];
    const told = candidates().map(({ name, leftOut }) => [name, leftOut]);
    assert.deepEqual(told.map(([name]) => name), ["Firefox", "WebKit"]);
    for (const [, leftOut] of told) assert.match(leftOut ?? "", /not installed.*npm run test:browsers/);
  });

  it("are found on the PATH, but not as a snap", { skip: process.platform === "darwin" && "there are no snaps there" }, () => {
    delete process.env["FIREFOX"];
    process.env["PATH"] = folder;
    const program = join(folder, "firefox");
    writeFileSync(program, "#!/bin/sh\nexec /snap/bin/firefox \"$@\"\n", { mode: 0o755 });
    assert.equal(findFirefox(), undefined);
    rmSync(program);
    writeFileSync(join(folder, "snap"), "the program that runs all snaps", { mode: 0o755 });
    symlinkSync(join(folder, "snap"), program);
    assert.equal(findFirefox(), undefined);
    rmSync(program);
    writeFileSync(program, "#!/bin/sh\nexec /opt/firefox/firefox \"$@\"\n", { mode: 0o755 });
    assert.equal(findFirefox(), program);
  });

  it("can be named, and a wrong name is refused with words", () => {
    process.env["FIREFOX"] = join(folder, "nowhere");
    assert.throws(() => findFirefox(), (error) => error instanceof SetupError && /FIREFOX/.test(error.message));
    process.env["FIREFOX"] = process.execPath;
    assert.equal(findFirefox(), process.execPath);
  });
});
