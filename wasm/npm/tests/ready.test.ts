/** What `ready` takes, each in a process of its own: a module is loaded once. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { inRoot } from "../../../infra/setup/paths.ts";

const module = inRoot("wasm", "npm", "dist", "roundel.wasm");

/** Runs code that finds the slim entry as `slim`, the main one as `main`, the module's bytes as `bytes`, and gives what it prints. */
async function run(code: string): Promise<string> {
  const setting = `
    import { readFileSync } from "node:fs";
    import * as slim from "roundel/slim";
    import * as main from "roundel";
    const bytes = readFileSync(${JSON.stringify(module)});
    const works = () => slim.defaultPicture({ width: 8 }).width === 8;
    const told = (promise) => promise.then(() => "loaded", (error) => error.name + ": " + error.message);
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", `${setting}\n${code}`], { cwd: inRoot() });
  return stdout.trim();
}

describe("ready", () => {
  /** Answers 404 at first, then with the module, of the wrong type at `/plain`. */
  let isThere = false;
  const server = createServer((request, response) => {
    if (!isThere) return void response.writeHead(404).end();
    response.writeHead(200, { "content-type": request.url === "/plain" ? "text/plain" : "application/wasm" }).end(readFileSync(module));
  });
  let origin = "";
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => void server.close());

  it("tries again after a load that failed", async () => {
    isThere = false;
    const script = `
      console.log(await told(slim.ready("${origin}/roundel.wasm")));
      console.log(await told(slim.ready("${origin}/roundel.wasm")));
      console.log(await told(slim.ready(new Uint8Array(9))));
      console.log(await told(main.ready()), works());
    `;
    const [first, second, third, last] = (await run(script)).split("\n");
    assert.match(first ?? "", /^Error: .*status 404/);
    assert.equal(second, first);
    assert.match(third ?? "", /^CompileError/);
    assert.equal(last, "loaded true");
  });

  it("takes addresses, responses, bytes and modules, also as promises", async () => {
    isThere = true;
    const sources = [
      `"${origin}/roundel.wasm"`,
      `new URL("${origin}/plain")`,
      `fetch("${origin}/roundel.wasm")`,
      `new Response(bytes, { headers: { "content-type": "application/wasm" } })`,
      "bytes",
      "bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)",
      "new WebAssembly.Module(bytes)",
      "WebAssembly.compile(bytes)",
      "import.meta.resolve('roundel/roundel.wasm')",
      "new URL(import.meta.resolve('roundel/roundel.wasm'))",
    ];
    for (const source of sources) assert.equal(await run(`console.log(await told(slim.ready(${source})), works());`), "loaded true", source);
  });

  it("loads once for all entries, and needs a source where there is none", async () => {
    const script = `
      console.log(await told(slim.ready()));
      const first = main.ready();
      console.log(first === slim.ready("nowhere"), await told(first), works(), main.render === slim.render);
    `;
    const [refused, loaded] = (await run(script)).split("\n");
    assert.match(refused ?? "", /^TypeError: roundel\/slim brings no wasm module/);
    assert.equal(loaded, "true loaded true true");
  });
});
