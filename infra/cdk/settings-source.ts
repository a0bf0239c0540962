/** Where the settings of a deployment come from: a file, or the environment of a machine that has no file. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseEnv } from "node:util";
import { callerDirectory, inRoot } from "../setup/paths.ts";
import { SetupError } from "../setup/process.ts";
import { parseSettings, SETTING_NAMES, SettingError, type Settings } from "./settings.ts";

export const SETTINGS_FILE = "infra/.env";
export const EXAMPLE_FILE = "infra/.env.example";

export type SettingsSource = {
  settings: Settings;
  /** For people. */
  description: string;
  /** Whether these are the example's: good for a look, not for a deployment. */
  isExample: boolean;
};

/**
 * Reads the named file; or else `infra/.env`; or else the environment, where it has WORKER_ORIGIN, as in continuous integration; or else
 * the example. Only one of them counts, so that no variable of a shell changes what a file says.
 */
export function readSettings(named: string | undefined, environment: Record<string, string | undefined> = process.env): SettingsSource {
  if (named !== undefined) {
    const path = resolve(callerDirectory(), named);
    if (!existsSync(path)) throw new SetupError(`there is no settings file ${named}`);
    return fromFile(path, named, false);
  }
  if (existsSync(inRoot(SETTINGS_FILE))) return fromFile(inRoot(SETTINGS_FILE), SETTINGS_FILE, false);
  if (environment["WORKER_ORIGIN"]) return { settings: parseSettings(environment), description: "the environment", isExample: false };
  return fromFile(inRoot(EXAMPLE_FILE), EXAMPLE_FILE, true);
}

function fromFile(path: string, description: string, isExample: boolean): SettingsSource {
  const variables = parseEnv(readFileSync(path, "utf8"));
  const unknown = Object.keys(variables).find((name) => !SETTING_NAMES.includes(name));
  if (unknown !== undefined) throw new SettingError(unknown, `in ${description} is not one of the settings: ${SETTING_NAMES.join(", ")}`);
  return { settings: parseSettings(variables), description, isExample };
}
