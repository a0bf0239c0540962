/**
 * What became of each file, so that a later run goes on where this one stopped. Lines of JSON, only ever appended: each is on the disk before
 * the file counts as done, and one that was cut off by a crash is no line.
 */
import { createHash } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, readSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StringDecoder } from "node:string_decoder";
import { defaultStateDirectory } from "../local/state.ts";
import { SetupError } from "../setup/process.ts";
import { FatalError } from "./failure.ts";

const SCHEMA = 1;

/** What a journal is of. */
export type Move = { source: string; kind: string; origin: string; uploadsBucket: string };

/** `kept`: the person has a picture of their own, which stays. */
export type Outcome = "published" | "refused" | "kept";

export type Entered = {
  file: string;
  fingerprint: string;
  /** Of the file's bytes, in hexadecimal; not where it was not read. */
  sha256?: string;
  sub: string;
  outcome: Outcome;
  /** Of what was published. */
  version?: string;
  /** Why it was refused or kept. */
  code?: string;
  detail?: string;
  at: string;
};

export class Journal {
  readonly path: string;
  readonly #last = new Map<string, Entered>();
  /** The versions that imports have published of each person. */
  readonly #versions = new Map<string, Set<string>>();
  /** How what was read ends. */
  #end: "empty" | "whole" | "cut off" = "empty";
  #file: FileHandle | undefined;
  #lock: DatabaseSync | undefined;

  private constructor(path: string) {
    this.path = path;
  }

  /** Reads a journal, and writes nothing; there need not be one. */
  static read(path: string, move: Move): Journal {
    const journal = new Journal(path);
    if (existsSync(path)) journal.#load(move);
    return journal;
  }

  /** Opens a journal for one run, which others are kept away from. */
  static async open(path: string, move: Move): Promise<Journal> {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const lock = takeLock(`${path}.lock`, path);
    try {
      const journal = Journal.read(path, move);
      journal.#file = await open(path, "a", 0o600);
      journal.#lock = lock;
      if (journal.#end === "empty") await journal.#write(`${JSON.stringify({ schema: SCHEMA, ...move })}\n`);
      // What a crash has cut off stays a line of its own.
      if (journal.#end === "cut off") await journal.#write("\n");
      return journal;
    } catch (error) {
      lock.close();
      throw error;
    }
  }

  /** What became of a file the last time. */
  last(file: string): Entered | undefined {
    return this.#last.get(file);
  }

  /** Whether an import published this version of this person. */
  hasPublished(sub: string, version: string): boolean {
    return this.#versions.get(sub)?.has(version) ?? false;
  }

  /** Whether an import published anything of this person. */
  hasImported(sub: string): boolean {
    return this.#versions.has(sub);
  }

  async enter(entered: Entered): Promise<void> {
    await this.#write(`${JSON.stringify(entered)}\n`);
    this.#remember(entered);
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#lock?.close();
  }

  async #write(line: string): Promise<void> {
    if (!this.#file) throw new Error("the journal is open for reading only");
    try {
      await this.#file.appendFile(line);
      await this.#file.datasync();
    } catch (error) {
      throw new FatalError(`${this.path} cannot be written (${(error as NodeJS.ErrnoException).code})`);
    }
  }

  #remember(entered: Entered): void {
    this.#last.set(entered.file, entered);
    if (entered.version === undefined) return;
    const versions = this.#versions.get(entered.sub) ?? new Set();
    this.#versions.set(entered.sub, versions.add(entered.version));
  }

  #load(move: Move): void {
    let isFirst = true;
    for (const { line, isWhole } of linesOf(this.path)) {
      this.#end = isWhole ? "whole" : "cut off";
      if (isFirst) this.#check(line, move);
      const entered = isFirst ? undefined : (parseLine(line) as Entered | undefined);
      if (entered) this.#remember(entered);
      isFirst = false;
    }
  }

  #check(firstLine: string, move: Move): void {
    const head = parseLine(firstLine) as (Move & { schema: number }) | undefined;
    if (head?.schema !== SCHEMA) throw new SetupError(`${this.path} is no journal of an import; name another file with --journal`);
    for (const [name, value] of Object.entries(move)) {
      if (head[name as keyof Move] !== value) throw new SetupError(`${this.path} is the journal of another import (its ${name} is ${head[name as keyof Move]}); name another file with --journal`);
    }
  }
}

/** The lines of a file, a piece at a time: a journal of millions is longer than a string can be. */
function* linesOf(path: string): Generator<{ line: string; /** Whether it has its end. */ isWhole: boolean }> {
  const file = openSync(path, "r");
  try {
    const decoder = new StringDecoder("utf8");
    const piece = Buffer.alloc(1_048_576);
    let rest = "";
    for (let length = readSync(file, piece); length > 0; length = readSync(file, piece)) {
      const lines = (rest + decoder.write(piece.subarray(0, length))).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) yield { line, isWhole: true };
    }
    rest += decoder.end();
    if (rest !== "") yield { line: rest, isWhole: false };
  } finally {
    closeSync(file);
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Where the journal of a move is when nobody says otherwise. */
export function defaultJournalPath(move: Move): string {
  const name = createHash("sha256").update(JSON.stringify(Object.entries(move).sort())).digest("hex").slice(0, 16);
  return join(defaultStateDirectory(), "import", `${move.kind}-${name}.jsonl`);
}

/** SQLite's lock of a file, which ends with the process, however that ends. */
function takeLock(path: string, journal: string): DatabaseSync {
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    lock.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    return lock;
  } catch {
    lock.close();
    throw new SetupError(`another import is at work on ${journal}; wait for it, or stop it`);
  }
}
