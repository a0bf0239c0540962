/** What went wrong, as words that a person can act on. */
import type { LabelKey } from "./labels.ts";

/** A problem as the editor tells it. */
export type Problem = {
  /** Stable: that of the package or of the worker, or `network`, `unauthorized`, `unknown`. */
  readonly code: string;
  readonly label: LabelKey;
};

/** By the stable codes of the package, of the worker, and of the editor. */
const BY_CODE: ReadonlyMap<string, LabelKey> = new Map<string, LabelKey>([
  ["unsupported_format", "unsupportedFormat"],
  ["unsupported_here", "unsupportedHere"],
  ["truncated", "truncated"],
  ["malformed", "malformed"],
  ["too_many_pixels", "tooManyPixels"],
  ["too_many_frames", "tooManyFrames"],
  ["out_of_memory_budget", "outOfMemory"],
  ["bad_recipe", "badRecipe"],
  ["empty", "emptyFile"],
  ["not_shown", "notShown"],
  ["too_large", "tooLarge"],
  ["camera_refused", "cameraRefused"],
  ["camera_missing", "cameraMissing"],
  ["camera_busy", "cameraBusy"],
  ["camera_hidden", "cameraHidden"],
  ["content_type_mismatch", "wrongType"],
  ["no_upload", "notArrived"],
  ["rate_limited", "tooOften"],
  ["storage_refused", "storageRefused"],
  ["storage_unavailable", "storageAway"],
  ["keys_unavailable", "signInsAway"],
  ["misconfigured", "misconfigured"],
  ["unauthorized", "expired"],
  ["refused", "storageRefused"],
  ["expired", "notArrived"],
  ["unsupported", "wrongType"],
  ["network", "lostConnection"],
]);

/** Finds the words for an error of any part, by its shape: the classes may come from another bundle. */
export function problemOf(error: unknown): Problem {
  const { code, problem, status } = marks(error);
  if (status === 401) return { code: "unauthorized", label: "expired" };
  // The worker's own code, where there is one, says more than that of the upload.
  for (const known of [problem, code]) {
    const label = known === undefined ? undefined : BY_CODE.get(known);
    if (known !== undefined && label !== undefined) return { code: known, label };
  }
  if (status === 429) return { code: code ?? "rate_limited", label: "tooOften" };
  if (status !== undefined && status >= 500) return { code: code ?? "server", label: "serverProblem" };
  if (error instanceof TypeError || status === 0) return { code: "network", label: "lostConnection" };
  return { code: code ?? "unknown", label: "didNotWork" };
}

type Marks = { readonly code?: string; readonly problem?: string; readonly status?: number };

function marks(error: unknown): Marks {
  if (typeof error !== "object" || error === null) return {};
  const { code, problem, status } = error as Readonly<Record<string, unknown>>;
  return {
    ...(typeof code === "string" ? { code } : {}),
    ...(typeof problem === "string" ? { problem } : {}),
    ...(typeof status === "number" ? { status } : {}),
  };
}
