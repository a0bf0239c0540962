/** The CDK app: one stack, checked by the rules of AwsSolutions while it is synthesized. */
import { App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import type { Settings } from "./settings.ts";
import { stackName } from "./stack-name.ts";
import { RoundelStack } from "./stack.ts";

export type BuiltApp = { app: App; stack: RoundelStack };

/** `directory`: where the template goes. */
export function buildApp(settings: Settings, directory: string): BuiltApp {
  // Without the metadata that CDK adds of itself, the same settings give the same template.
  const app = new App({ outdir: directory, analyticsReporting: false, treeMetadata: false });
  const stack = new RoundelStack(app, stackName(settings.stage), settings);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { app, stack };
}
