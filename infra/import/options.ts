/** The command line of `npm run import`. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { callerDirectory } from "../setup/paths.ts";
import { SetupError } from "../setup/process.ts";
import type { Kind } from "./person.ts";
import { reportFormat, type ReportFormat } from "./report.ts";

export const HELP = `npm run import -- SOURCE [options]

Moves the pictures of an existing service into Roundel: reads <id>.jpg, .jpeg, .png, .webp and .gif from SOURCE, and has the
worker publish them, as if each person had uploaded theirs. SOURCE is a folder, or s3://bucket/folder.

  --kind avatars|banners   what the pictures are (avatars)
  --map FILE               a CSV file with the columns file and sub: whose picture each file is, where its name does not say so
  --recursive              takes folders within SOURCE too
  --parallel N             files at a time, 1 to 64 (4)
  --replace                also where the person has a picture in Roundel already, which is kept otherwise
  --retry-refused          tries again what an earlier run refused
  --retry-for SECONDS      how long one file is tried before it counts as failed (120)
  --report FILE            .csv or .jsonl: the files that were not imported, and why (beside the journal)
  --journal FILE           what is done already (in .roundel/import/, one for each source and service)
  --dry-run                says what would be done, and writes nothing anywhere
  --remote                 into the deployed service of infra/.env; without it, into the one that the environment describes
                           where it has WORKER_ORIGIN, else into the local stack of npm start
  --env-file FILE          with --remote: other settings than infra/.env
  --help                   this text

It may be broken off at any moment; the same command goes on. Ctrl-C finishes the files under way.
Ends with 0 where every file is in Roundel or was kept for a picture of the person's own, 1 where some were refused or failed,
2 where nothing could be begun, 130 after Ctrl-C. docs/deploy.md, "Moving in", has the rest.
`;

export type Options = {
  source: string;
  kind: Kind;
  mapFile: string | undefined;
  recursive: boolean;
  parallel: number;
  replace: boolean;
  retryRefused: boolean;
  retryForMs: number;
  report: { path: string; format: ReportFormat } | undefined;
  journalFile: string | undefined;
  isDryRun: boolean;
  remote: boolean;
  envFile: string | undefined;
};

const SYNTAX = {
  kind: { type: "string", default: "avatars" },
  map: { type: "string" },
  recursive: { type: "boolean", default: false },
  parallel: { type: "string", default: "4" },
  replace: { type: "boolean", default: false },
  "retry-refused": { type: "boolean", default: false },
  "retry-for": { type: "string", default: "120" },
  report: { type: "string" },
  journal: { type: "string" },
  "dry-run": { type: "boolean", default: false },
  remote: { type: "boolean", default: false },
  "env-file": { type: "string" },
  help: { type: "boolean", short: "h", default: false },
} as const;

const ADVICE = "`npm run import -- --help` tells what there is";

/** `undefined`: the help is asked for. */
export function readOptions(args: readonly string[], environment: Readonly<Record<string, string | undefined>> = process.env): Options | undefined {
  // `npm run import SOURCE --dry-run` gives npm an option, and the command none: it would do what was only to be looked at.
  const swallowed = Object.keys(SYNTAX).find((name) => !["", "false", undefined].includes(environment[`npm_config_${name.replaceAll("-", "_")}`]));
  if (swallowed !== undefined) throw new SetupError(`npm kept --${swallowed} for itself; a \`--\` before it hands it on: npm run import -- SOURCE --${swallowed}`);
  const { values, positionals } = parsed(args);
  if (values.help) return undefined;
  const [source, surplus] = positionals;
  if (source === undefined) throw new SetupError(`there is no SOURCE: a folder, or s3://bucket/folder; ${ADVICE}`);
  if (surplus !== undefined) throw new SetupError(`${JSON.stringify(surplus)} is one SOURCE too many; ${ADVICE}`);
  const { kind } = values;
  if (kind !== "avatars" && kind !== "banners") throw new SetupError(`--kind is avatars or banners, not ${JSON.stringify(kind)}`);
  return {
    source: /^[a-z0-9]+:\/\//i.test(source) ? source : inCallers(source),
    kind,
    mapFile: values.map,
    recursive: values.recursive,
    parallel: wholeNumber("parallel", values.parallel, 1, 64),
    replace: values.replace,
    retryRefused: values["retry-refused"],
    retryForMs: wholeNumber("retry-for", values["retry-for"], 0, 86_400) * 1000,
    report: values.report === undefined ? undefined : { path: inCallers(values.report), format: formatOf(values.report) },
    journalFile: values.journal === undefined ? undefined : inCallers(values.journal),
    isDryRun: values["dry-run"],
    remote: values.remote,
    envFile: values["env-file"],
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: SYNTAX });
  } catch (error) {
    throw new SetupError(`${error instanceof Error ? error.message : error}; ${ADVICE}`);
  }
}

export function inCallers(path: string): string {
  return resolve(callerDirectory(), path);
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) throw new SetupError(`--${name} is a whole number from ${least} to ${most}, not ${JSON.stringify(text)}`);
  return value;
}

function formatOf(path: string): ReportFormat {
  const format = reportFormat(path);
  if (!format) throw new SetupError(`--report names a file that ends in .csv or .jsonl, not ${JSON.stringify(path)}`);
  return format;
}
