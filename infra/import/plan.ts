/** What is to be done with the files of a source: pure, but for the listing. */
import type { Entry } from "./entry.ts";
import type { Entered, Journal } from "./journal.ts";
import { ownerOf, type NameTable, type Reason } from "./naming.ts";

export type Task = { entry: Entry; sub: string };

/** What is to be said of a file that is not imported. */
export type Finding = Reason & { file: string; sub: string | undefined; outcome: "refused" | "failed" | "kept" };

export type Plan = {
  /** To be imported, in the order of their names. */
  tasks: Task[];
  /** Files that earlier runs are done with, those among them that `findings` tells of too. */
  settled: number;
  /** Published by earlier runs. */
  published: number;
  findings: Finding[];
  /** All files that were listed. */
  total: number;
};

export type PlanOptions = {
  table: NameTable | undefined;
  maxUploadBytes: number;
  /** Whether what an earlier run kept is taken up again. */
  replace: boolean;
  /** Whether what an earlier run refused is taken up again. */
  retryRefused: boolean;
};

export async function planOf(entries: AsyncIterable<Entry>, journal: Journal, options: PlanOptions): Promise<Plan> {
  const plan: Plan = { tasks: [], settled: 0, published: 0, findings: [], total: 0 };
  const chosen = new Map<string, Entry>();
  const refuse = (entry: Entry, sub: string | undefined, reason: Reason): void => {
    plan.findings.push({ file: entry.name, sub, outcome: "refused", ...reason });
  };
  for await (const entry of entries) {
    plan.total += 1;
    const owner = ownerOf(entry.name, options.table);
    if ("refused" in owner) {
      refuse(entry, undefined, owner.refused);
      continue;
    }
    const { sub } = owner;
    const unusable = refusalBySize(entry, options.maxUploadBytes);
    if (unusable) {
      refuse(entry, sub, unusable);
      continue;
    }
    const other = chosen.get(sub);
    const [newer, older] = other === undefined || isNewer(entry, other) ? [entry, other] : [other, entry];
    chosen.set(sub, newer);
    if (older) refuse(older, sub, { code: "duplicate", detail: `another file of the same person is newer: ${newer.name}` });
  }
  for (const [sub, entry] of chosen) {
    const before = journal.last(entry.name);
    if (before === undefined || !isSettled(before, sub, options) || before.fingerprint !== entry.fingerprint) {
      plan.tasks.push({ entry, sub });
      continue;
    }
    plan.settled += 1;
    if (before.outcome === "published") plan.published += 1;
    else plan.findings.push({ file: entry.name, sub, outcome: before.outcome, code: before.code ?? "", detail: before.detail ?? "" });
  }
  plan.tasks.sort((a, b) => (a.entry.name < b.entry.name ? -1 : 1));
  return plan;
}

/** Whether there is nothing left to do for a file that has not changed. */
export function isSettled(before: Entered, sub: string, { replace, retryRefused }: Pick<PlanOptions, "replace" | "retryRefused">): boolean {
  if (before.sub !== sub) return false;
  return before.outcome === "published" || (before.outcome === "kept" ? !replace : !retryRefused);
}

function refusalBySize({ sizeBytes }: Entry, maxUploadBytes: number): Reason | undefined {
  if (sizeBytes === 0) return { code: "empty", detail: "it has no bytes" };
  if (sizeBytes > maxUploadBytes) return { code: "too_large", detail: `it has ${sizeBytes} bytes; MAX_UPLOAD_BYTES of the worker is ${maxUploadBytes}` };
  return undefined;
}

/** Of two from the same moment, the one whose name sorts last: the same one in every run. */
function isNewer(entry: Entry, other: Entry): boolean {
  const [time, otherTime] = [entry.modifiedAt.getTime(), other.modifiedAt.getTime()];
  return time === otherTime ? entry.name > other.name : time > otherTime;
}
