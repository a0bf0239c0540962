/** The examples of the readmes: compiled with the published types, and run. */
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { inRoot } from "../../../infra/setup/paths.ts";
import { installPacked, type Packed } from "./packed.ts";
import { startUploadServer, type UploadServer } from "./upload-server.ts";

/** What an example takes as given. */
const GIVEN = `
  declare const photoBytes: Uint8Array<ArrayBuffer>;
  declare const file: File;
  declare const accessToken: string;
  declare const token: string;
  declare const image: { src: string };
`;

const SETTING = `
  import { readFile } from "node:fs/promises";
  const photoBytes = new Uint8Array(await readFile(${JSON.stringify(inRoot("wasm", "tests", "fixtures", "portrait.jpg"))}));
  Object.assign(globalThis, { photoBytes, file: new File([photoBytes], "me.jpg"), accessToken: "t", token: "t", image: {} });
`;

/** What an example prints, in its order. */
const PRINTED: Record<string, RegExp[]> = {
  "README.md": [/uploading/],
  "wasm/npm/README.md": [/^image\/jpeg \d+ [0-9a-f]{64}\n$/, /^image\/png\n$/, /^image\/webp\n$/, /^queued\nstarted\n(?:\w+\n)*done\nroundel\n$/, /^signing 0\nuploading 0\nuploading 1\npublishing 1\nhttp\S+\/v 1\n$/],
};

describe("the examples of the readmes", () => {
  let packed: Packed;
  let server: UploadServer;
  before(async () => {
    packed = installPacked();
    server = await startUploadServer();
    mkdirSync(join(packed.folder, "node_modules", "@types"));
    for (const name of ["@types/node", "undici-types"]) symlinkSync(inRoot("node_modules", name), join(packed.folder, "node_modules", name));
    writeFileSync(join(packed.folder, "given.d.ts"), GIVEN);
    writeFileSync(join(packed.folder, "setting.ts"), SETTING);
  });
  after(() => {
    packed?.remove();
    server?.close();
  });

  for (const [readme, printed] of Object.entries(PRINTED)) {
    it(`of ${readme} compile and run`, async () => {
      const examples = [...readFileSync(inRoot(readme), "utf8").matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => (code ?? "").replace("https://avatars.example.com", server.origin));
      assert.equal(examples.length, printed.length);
      const names = examples.map((code, index) => {
        const name = `${readme.replaceAll("/", "-")}-${index}.ts`;
        writeFileSync(join(packed.folder, name), `import "./setting.ts";\n${code}\nexport {};\n`);
        return name;
      });
      const options = ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext", "--allowImportingTsExtensions", "--lib", "es2022,dom", "--types", "node"];
      execFileSync(inRoot("node_modules", ".bin", "tsc"), [...options, "given.d.ts", ...names], { cwd: packed.folder, stdio: "pipe" });
      for (const [index, name] of names.entries()) {
        const { stdout } = await promisify(execFile)(process.execPath, ["--disable-warning=ExperimentalWarning", name], { cwd: packed.folder });
        assert.match(stdout, printed[index] ?? assert.fail());
      }
    });
  }
});
