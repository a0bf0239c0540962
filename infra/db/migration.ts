/** The files of the migrations, read and checked: names, stamps, pairs and what they may say. Pure: bytes in, migrations out. */
import { createHash } from "node:crypto";
import { statements, UnfinishedError, type Statement } from "./sql.ts";

/** One half of a migration. */
export type Script = {
  file: string;
  statements: string[];
  /** What running it loses for good, in the words of its line `-- Loses: ...`. */
  loses: string | undefined;
};

export type Migration = {
  /** YYYYMMDDHHMMSS, in UTC: its place in the order. */
  stamp: string;
  name: string;
  up: Script;
  down: Script;
  /** SHA-256 of the up file in hexadecimal, with line ends as `\n`. */
  checksum: string;
};

/** Something in the way of a migration, for a program by its code and for a person by its words. */
export type Problem = {
  code:
    | "bad_name"
    | "duplicate_stamp"
    | "half_missing"
    | "not_text"
    | "unfinished_sql"
    | "no_statement"
    | "statement_not_allowed"
    | "too_large"
    | "changed"
    | "file_missing"
    | "out_of_order";
  /** `<stamp>_<name>` of the migration, or the file that is none. */
  subject: string;
  message: string;
};

export type SourceFile = { name: string; bytes: Uint8Array };

/** Those that are in order, by stamp, and what is wrong with the others. */
export type Migrations = { migrations: Migration[]; problems: Problem[] };

/** Of one file. D1 takes statements of 100 KB; the whole is handed to wrangler as one argument, which Linux limits to 128 KiB. */
const MAX_FILE_BYTES = 80_000;

const FILE_NAME = /^(\d{14})_([a-z][a-z0-9]*(?:_[a-z0-9]+)*)\.(up|down)\.sql$/;
export const MIGRATION_NAME = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;

/** What a batch is already, what D1 refuses, and what would reach outside of the database. */
const NOT_ALLOWED: Record<string, string | undefined> = {
  ...Object.fromEntries(["begin", "commit", "end", "rollback", "savepoint", "release"].map((word) => [word, "each migration is one transaction already"])),
  ...Object.fromEntries(["attach", "detach"].map((word) => [word, "D1 has one database"])),
  vacuum: "D1 does not take it",
  pragma: "D1 takes none but `PRAGMA defer_foreign_keys`",
};

/** The tables of the migrations themselves begin so. */
export const OWN_TABLES = "schema_migrations";

/** YYYYMMDDHHMMSS of a moment, in UTC. */
export function stampOf(time: Date): string {
  return time.toISOString().replace(/\D/g, "").slice(0, 14);
}

function isStamp(text: string): boolean {
  const iso = text.replace(/^(....)(..)(..)(..)(..)(..)$/, "$1-$2-$3T$4:$5:$6Z");
  const time = new Date(iso);
  return !Number.isNaN(time.getTime()) && stampOf(time) === text;
}

export function idOf({ stamp, name }: { stamp: string; name: string }): string {
  return `${stamp}_${name}`;
}

/** Reads the files of the migrations' folder. Files that do not end in `.sql` are none of its business. */
export function parseMigrations(files: SourceFile[]): Migrations {
  const problems: Problem[] = [];
  const halves = new Map<string, Partial<Record<"up" | "down", SourceFile>>>();
  for (const file of files.filter(({ name }) => name.endsWith(".sql")).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const [, stamp = "", name = "", direction] = FILE_NAME.exec(file.name) ?? [];
    if (!isStamp(stamp)) {
      problems.push({ code: "bad_name", subject: file.name, message: `${file.name} is not named <YYYYMMDDHHMMSS>_<snake_case>.up.sql or .down.sql, with a time that exists; make migrations by \`npm run db:new -- NAME\`` });
      continue;
    }
    const id = idOf({ stamp, name });
    halves.set(id, { ...halves.get(id), [direction as "up" | "down"]: file });
  }

  const migrations = [...halves].flatMap(([id, pair]) => {
    const migration = parsePair(id, pair, problems);
    return migration ? [migration] : [];
  });
  for (const [id, other] of pairwise([...halves.keys()])) {
    if (id.slice(0, 14) === other.slice(0, 14)) {
      problems.push({ code: "duplicate_stamp", subject: other, message: `${id} and ${other} have the same stamp, so their order is not known; give the one that is applied nowhere a later stamp by renaming its two files` });
    }
  }
  const bad = new Set(problems.map(({ subject }) => subject));
  return { migrations: migrations.filter((migration) => !bad.has(idOf(migration))), problems };
}

function* pairwise<T>(items: T[]): Generator<[T, T]> {
  for (const [i, item] of items.entries()) {
    const next = items[i + 1];
    if (next !== undefined) yield [item, next];
  }
}

function parsePair(id: string, { up, down }: Partial<Record<"up" | "down", SourceFile>>, problems: Problem[]): Migration | undefined {
  if (!up || !down) {
    const there = up ? "up" : "down";
    const missing = up ? "down" : "up";
    problems.push({ code: "half_missing", subject: id, message: `${id}.${there}.sql has no ${id}.${missing}.sql beside it; write that half, or delete this one` });
    return undefined;
  }
  const before = problems.length;
  const scripts = { up: parseScript(id, up, problems), down: parseScript(id, down, problems) };
  if (problems.length > before) return undefined;
  const checksum = createHash("sha256").update(decode(up.bytes).replaceAll("\r\n", "\n")).digest("hex");
  return { stamp: id.slice(0, 14), name: id.slice(15), ...scripts, checksum };
}

/** @throws TypeError where it is not UTF-8 */
function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}

function parseScript(id: string, { name: file, bytes }: SourceFile, problems: Problem[]): Script {
  const refuse = (code: Problem["code"], message: string): void => void problems.push({ code, subject: id, message: `${file} ${message}` });
  const script: Script = { file, statements: [], loses: undefined };
  if (bytes.length > MAX_FILE_BYTES) {
    refuse("too_large", `has more than ${MAX_FILE_BYTES} bytes, which D1 does not take at once; split it into several migrations`);
    return script;
  }
  let text: string;
  let parsed: Statement[];
  try {
    text = decode(bytes);
    if (text.includes("\0")) throw new TypeError("NUL");
    parsed = statements(text);
  } catch (error) {
    if (error instanceof TypeError) refuse("not_text", "is not a text in UTF-8; save it as one");
    else if (error instanceof UnfinishedError) refuse("unfinished_sql", `breaks off: ${error.message} (a quote, a comment or a trigger); finish it`);
    else throw error;
    return script;
  }
  if (parsed.length === 0) refuse("no_statement", "says nothing yet; write its SQL");
  for (const { words } of parsed) {
    const why = whyNotAllowed(words);
    if (why !== undefined) refuse("statement_not_allowed", `has a statement ${(words[0] ?? "").toUpperCase()} that is not allowed in a migration: ${why}; take it out`);
  }
  const loses = /^--\s*Loses:\s*(\S.*?)\.?\s*$/im.exec(text)?.[1];
  return { file, statements: parsed.map((statement) => statement.text), loses: loses?.toLowerCase() === "nothing" ? undefined : loses };
}

function whyNotAllowed(words: string[]): string | undefined {
  const [first = "", second] = words;
  if (words.some((word) => word.startsWith(OWN_TABLES))) return `the tables ${OWN_TABLES}* are the ledger of the migrations`;
  if (first === "pragma" && second === "defer_foreign_keys") return undefined;
  return Object.hasOwn(NOT_ALLOWED, first) ? NOT_ALLOWED[first] : undefined;
}
