import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { SetupError } from "../setup/process.ts";

/** The port itself if it is free on loopback, any free one for 0; a taken one is refused with words. */
export function freePort(wanted: number, variable: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why = error.code === "EADDRINUSE" ? "is taken by another program" : `cannot be used (${error.code ?? error.message})`;
      reject(new SetupError(`port ${wanted} ${why}; end that program, or choose another port: ${variable}=${wanted + 1000} npm start`));
    });
    server.listen(wanted, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** A port from an environment variable, or `otherwise` where it is not set. */
export function portFrom(variable: string, otherwise: number): number {
  const text = process.env[variable];
  if (text === undefined || text === "") return otherwise;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new SetupError(`${variable} is not a port number, 0 to 65535`);
  return port;
}

/** The port of an address if it is free, else 0: any other one will do. */
export async function sameAgain(address: string | undefined): Promise<number> {
  if (address === undefined) return 0;
  return freePort(Number(new URL(address).port), "").catch(() => 0);
}
