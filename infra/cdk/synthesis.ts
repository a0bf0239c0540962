/** The synthesis of a stack, for the commands. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { inRoot } from "../setup/paths.ts";
import { SetupError } from "../setup/process.ts";
import type { SettingsSource } from "./settings-source.ts";
import { stackName } from "./stack-name.ts";

export type Synthesis = {
  stackName: string;
  /** The cloud assembly, which `cdk --app` takes. */
  directory: string;
  templatePath: string;
  /** What was made, for people. */
  summary: string[];
};

/** Makes the template of these settings in `target/cdk`. */
export async function synthesize({ settings, description, isExample }: SettingsSource, directory = inRoot("target", "cdk")): Promise<Synthesis> {
  // Loaded here: it takes a second or two, which a wrong setting should not wait for.
  const { buildApp } = await import("./app.ts");
  rmSync(directory, { recursive: true, force: true });
  try {
    buildApp(settings, directory).app.synth();
  } catch (error) {
    throw new SetupError(`the template was not made: ${error instanceof Error ? error.message : error}`);
  }
  const name = stackName(settings.stage);
  const templatePath = join(directory, `${name}.template.json`);
  const { Resources } = JSON.parse(readFileSync(templatePath, "utf8")) as { Resources: Record<string, { Type: string }> };
  const counts = new Map<string, number>();
  for (const { Type } of Object.values(Resources)) counts.set(Type, (counts.get(Type) ?? 0) + 1);
  const summary = [
    `settings: ${description}${isExample ? ", since there is no infra/.env: copy the example there and change it" : ""}`,
    `stack ${name} in ${settings.region}: ${Object.keys(Resources).length} resources`,
    ...[...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([type, count]) => `  ${count} ${type}`),
  ];
  return { stackName: name, directory, templatePath, summary };
}
