/** What a stage's stack is called in CloudFormation. */
import type { Stage } from "./settings.ts";

export function stackName(stage: Stage): string {
  return stage === "production" ? "Roundel" : "RoundelStaging";
}
