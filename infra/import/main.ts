/** `npm run import -- SOURCE [options]`: moves the pictures of an existing service into Roundel. `--help` has the options, docs/deploy.md the rest. */
import { main, say, SetupError } from "../setup/process.ts";
import type { Source } from "./entry.ts";
import { TransientError } from "./failure.ts";
import { openFolder } from "./folder-source.ts";
import { importFile } from "./import-file.ts";
import { catchInterrupt, INTERRUPTED } from "./interrupt.ts";
import { defaultJournalPath, Journal, type Move } from "./journal.ts";
import { readNameTable } from "./naming.ts";
import { HELP, inCallers, readOptions, type Options } from "./options.ts";
import { Pace, StoppedError } from "./pace.ts";
import { People } from "./person.ts";
import { planOf, type Finding, type Plan } from "./plan.ts";
import { Progress, summary, type Counts } from "./progress.ts";
import { writeReport } from "./report.ts";
import { runImport } from "./run.ts";
import { openClient } from "./s3.ts";
import { openS3 } from "./s3-source.ts";
import { readTarget, sourceAccess, type Target } from "./target.ts";
import { Worker } from "./worker.ts";

const ALL_DONE = 0;
const SOME_LEFT = 1;
const NOT_BEGUN = 2;

const screen = { write: (text: string) => void process.stdout.write(text), isTerminal: process.stdout.isTTY === true, width: () => process.stdout.columns || 80 };

function openSource({ source, recursive }: Options): Promise<Source> | Source {
  return source.includes("://") ? openS3(source, { client: openClient(sourceAccess()), recursive }) : openFolder(source, { recursive });
}

type Prepared = { options: Options; target: Target; source: Source; journal: Journal; plan: Plan; people: People; worker: Worker };

/** Goes through the listing, and settles all that needs no picture to be read. */
async function prepare(options: Options, stop: AbortSignal): Promise<Prepared> {
  // What is wrong on this machine is told before anybody is asked.
  const table = options.mapFile === undefined ? undefined : readNameTable(inCallers(options.mapFile), options.mapFile);
  const target = await readTarget(options);
  const source = await openSource(options);
  const { origin, uploadsBucket, assetsBucket } = target;
  const move: Move = { source: source.description, kind: options.kind, origin, uploadsBucket };
  const path = options.journalFile ?? defaultJournalPath(move);
  say(`from ${source.description} into ${target.description}`);

  const worker = new Worker(target);
  const people = new People({ client: openClient(target.s3), uploadsBucket, assetsBucket, kind: options.kind });
  const persist = <T>(work: () => Promise<T>): Promise<T> => new Pace(stop).persist(work, options.retryForMs, announce);
  await persist(() => worker.greet());
  const maxUploadBytes = await persist(() => worker.maxUploadBytes());
  const journal = options.isDryRun ? Journal.read(path, move) : await Journal.open(path, move);
  const plan = await persist(() => planOf(source.list(), journal, { ...options, table, maxUploadBytes }));
  if (source.skippedFolders() > 0) say(`${source.skippedFolders()} folders within it are left out; --recursive takes them too`);
  if (plan.total === 0) throw new SetupError(`there is no file in ${source.description}`);
  return { options, target, source, journal, plan, people, worker };
}

function announce(reason: string, pauseMs: number): void {
  say(`${reason}; again in ${(pauseMs / 1000).toFixed(1)} s`);
}

function countsOf({ total, published, findings }: Plan): Counts {
  const of = (outcome: Finding["outcome"]): number => findings.filter((finding) => finding.outcome === outcome).length;
  return { total, published: 0, already: published, kept: of("kept"), refused: of("refused"), failed: 0 };
}

const told = ({ file, outcome, code, detail }: Finding): string => `${outcome} ${file}: ${code}, ${detail}`;

async function run({ options, source, journal, plan, people, worker }: Prepared, stop: AbortSignal): Promise<number> {
  const findings = [...plan.findings];
  const progress = new Progress(screen, countsOf(plan));
  for (const finding of findings) if (finding.outcome === "refused") progress.note(told(finding));
  progress.show();
  const find = (finding: Finding): void => {
    findings.push(finding);
    progress.count(finding.outcome);
    if (finding.outcome !== "kept") progress.note(told(finding));
  };
  const way = { ...options, source, journal, people, worker };
  const { brokenOff } = await runImport({
    tasks: plan.tasks,
    parallel: options.parallel,
    retryForMs: options.retryForMs,
    stop,
    importFile: (task) => importFile(task, way),
    done: async ({ entry, sub }, { isOld, ...result }) => {
      await journal.enter({ file: entry.name, fingerprint: entry.fingerprint, sub, ...result, at: new Date().toISOString() });
      if (result.outcome === "published") progress.count(isOld ? "already" : "published");
      else find({ file: entry.name, sub, outcome: result.outcome, code: result.code, detail: result.detail });
    },
    failed: ({ entry, sub }, reason) => find({ file: entry.name, sub, outcome: "failed", code: "failed", detail: reason }),
    waiting: (reason, pauseMs) => progress.note(`${reason}; again in ${(pauseMs / 1000).toFixed(1)} s`),
  });
  progress.show();
  progress.clear();
  tell(options, journal, findings, progress.counts);
  if (brokenOff) say(`broken off: ${brokenOff.message}. The same command goes on from here`);
  else if (stop.aborted) say("stopped; the same command goes on from here");
  if (stop.aborted) return INTERRUPTED;
  const { refused, failed } = progress.counts;
  return brokenOff || refused > 0 || failed > 0 ? SOME_LEFT : ALL_DONE;
}

/** The last lines on standard output: what it came to, and where the rest is told. */
function tell({ report }: Options, journal: Journal, findings: readonly Finding[], counts: Counts): void {
  screen.write(`${summary(counts)}\n`);
  const { path, format } = report ?? { path: journal.path.replace(/(\.jsonl)?$/, ".report.csv"), format: "csv" };
  writeReport(path, format, findings);
  if (findings.length > 0) screen.write(`report: ${path}\n`);
}

/** What a run would do, as far as it can be said without reading a picture. */
async function rehearse({ options, plan, people, journal }: Prepared): Promise<number> {
  const present = new Set<string>();
  if (!options.replace && plan.tasks.length > 0) {
    const wanted = new Set(plan.tasks.map(({ sub }) => sub));
    for await (const sub of people.everybody()) if (wanted.has(sub)) present.add(sub);
  }
  const isKept = (sub: string): boolean => present.has(sub) && !journal.hasImported(sub);
  const kept = plan.tasks.filter(({ sub }) => isKept(sub)).map(({ entry, sub }): Finding => ({ file: entry.name, sub, outcome: "kept", code: "has_picture", detail: "the person has a picture in Roundel already" }));
  const findings = [...plan.findings, ...kept];
  for (const finding of findings) if (finding.outcome === "refused") screen.write(`${told(finding)}\n`);
  const counts = countsOf({ ...plan, findings });
  screen.write(`dry run, nothing was written: of ${plan.total} files ${plan.tasks.length - kept.length} would be imported; ${counts.already} are by earlier runs, ${counts.kept} kept, ${counts.refused} refused\n`);
  if (options.report) writeReport(options.report.path, options.report.format, findings);
  return counts.refused > 0 ? SOME_LEFT : ALL_DONE;
}

// Who reads no further, as `head` does, does not end an import.
process.stdout.on("error", () => undefined);

process.exitCode = NOT_BEGUN;
await main(async () => {
  const options = readOptions(process.argv.slice(2));
  if (!options) {
    screen.write(HELP);
    process.exitCode = ALL_DONE;
    return;
  }
  const interrupt = catchInterrupt(() => {
    // The terminal has put ^C behind the bar.
    if (screen.isTerminal) screen.write("\n");
    say("finishing the files under way; Ctrl-C once more leaves them");
  });
  try {
    const prepared = await prepare(options, interrupt.signal);
    process.exitCode = options.isDryRun ? await rehearse(prepared) : await run(prepared, interrupt.signal);
    await prepared.journal.close();
  } catch (error) {
    // Only what comes before the first file gets here.
    if (error instanceof TransientError) throw new SetupError(`${error.message}; nothing was begun`);
    if (!(error instanceof StoppedError)) throw error;
    process.exitCode = INTERRUPTED;
  } finally {
    interrupt.release();
  }
}, NOT_BEGUN);
// Connections that are kept for another request must not hold the terminal.
process.exit();
