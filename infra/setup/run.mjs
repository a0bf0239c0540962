// Entry of every npm script. Plain JavaScript without dependencies, so that it runs on the Node that the machine has;
// it brings the project's own packages, the pinned Node among them, and hands over to the TypeScript of the command.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

const COMMANDS = {
  bootstrap: "infra/bootstrap.ts",
  start: "infra/local/start.ts",
  test: "infra/test.ts",
  "test:browsers": "infra/test-browsers.ts",
  bench: "wasm/benches/main.ts",
  fuzz: "infra/fuzz.ts",
  build: "infra/build/main.ts",
  avatar: "infra/avatar.ts",
  "avatar:upload": "infra/local/avatar-upload.ts",
  "avatar:clear": "infra/local/avatar-clear.ts",
  token: "infra/local/token.ts",
  "db:new": "infra/db/commands/new.ts",
  "db:migrate": "infra/db/commands/migrate.ts",
  "db:rollback": "infra/db/commands/rollback.ts",
  "db:status": "infra/db/commands/status.ts",
  synth: "infra/cdk/synth.ts",
  deploy: "infra/deploy/main.ts",
  import: "infra/import/main.ts",
};

const root = fileURLToPath(new URL("../../", import.meta.url));
const node = `${root}node_modules/.bin/node`;

function fail(message) {
  console.error(`roundel: ${message}`);
  process.exit(1);
}

/** Installs what the lock file says, unless that very lock file was installed before. */
function ensurePackages() {
  const stamp = `${root}node_modules/.roundel-lock`;
  const wanted = createHash("sha256").update(readFileSync(`${root}package-lock.json`)).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted && existsSync(node)) return;
  console.error("roundel: installing the npm packages of package-lock.json into node_modules (npm ci)");
  // The command's own standard output may be data for a pipe: npm's words go to standard error.
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: root, stdio: ["ignore", 2, 2] });
  if (npm.error) fail(`npm could not be started (${npm.error.message}); install Node.js with npm, version 20 or newer`);
  if (npm.status !== 0) fail("npm ci failed; its words are above. With a network and a reachable package registry, run the command again");
  if (!existsSync(node)) fail("the package `node` brought no binary; its install script has to be allowed to run (npm config get ignore-scripts)");
  writeFileSync(stamp, wanted);
}

const [command, ...rest] = process.argv.slice(2);
if (!Object.hasOwn(COMMANDS, command)) fail(`there is no command ${command}; there are ${Object.keys(COMMANDS).join(", ")}`);
if (Number(process.versions.node.split(".")[0]) < 20) fail(`Node.js ${process.versions.node} is too old for npm's part of the set-up; install version 20 or newer`);
ensurePackages();

const child = spawn(node, ["--disable-warning=ExperimentalWarning", `${root}${COMMANDS[command]}`, ...rest], {
  stdio: "inherit",
  env: { ...process.env, PATH: `${root}node_modules/.bin:${process.env.PATH}`, ROUNDEL_CWD: process.env.INIT_CWD ?? process.cwd() },
});
// The terminal sends Ctrl-C to the child as well; what is sent to this process alone has to be passed on.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => fail(`${node} could not be started: ${error.message}`));
child.on("exit", (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
