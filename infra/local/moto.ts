/** moto's server: Amazon's services as tests need them. It checks no signatures and no permissions. */
import { join } from "node:path";
import { ensureMoto } from "../setup/python.ts";
import { startChild, type Child } from "./child.ts";
import { freePort } from "./ports.ts";

const READY_TIMEOUT_MS = 60_000;

export async function startMotoServer(stateDirectory: string): Promise<{ origin: string; child: Child }> {
  const port = await freePort(0, "");
  const child = startChild({
    name: "moto",
    program: await ensureMoto(),
    args: ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)],
    env: { PATH: process.env["PATH"], HOME: stateDirectory, PYTHONUNBUFFERED: "1" },
    cwd: stateDirectory,
    logFile: join(stateDirectory, "moto.log"),
  });
  await child.printed(/Running on http/, READY_TIMEOUT_MS);
  return { origin: `http://127.0.0.1:${port}`, child };
}
