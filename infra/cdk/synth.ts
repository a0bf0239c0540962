/**
 * `npm run synth [-- --env-file PATH]`: makes the CloudFormation template of the settings, offline, and prints where it is. Wrong settings and
 * broken rules of AwsSolutions stop it.
 */
import { parseArgs } from "node:util";
import { main, say, SetupError } from "../setup/process.ts";
import { synthesize } from "./synthesis.ts";
import { readSettings } from "./settings-source.ts";

function envFile(): string | undefined {
  try {
    return parseArgs({ options: { "env-file": { type: "string" } } }).values["env-file"];
  } catch (error) {
    throw new SetupError(`${error instanceof Error ? error.message : error}. usage: npm run synth [-- --env-file PATH]`);
  }
}

await main(async () => {
  const source = readSettings(envFile());
  const { templatePath, summary } = await synthesize(source);
  for (const line of summary) say(line);
  console.log(templatePath);
});
