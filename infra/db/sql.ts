/**
 * SQL text -> single statements, the way SQLite itself finds their ends (`sqlite3_complete`): a semicolon ends one, but for those in
 * literals, in comments and in the body of a trigger, which ends with `; END;`.
 */

/** One statement, without its semicolon and without comments around it. */
export type Statement = {
  text: string;
  /** Its words in lower case, quoted names among them without their quotes; no literals, no signs. */
  words: string[];
};

/** The line that a statement or a literal without an end begins in. */
export class UnfinishedError extends Error {
  override readonly name = "UnfinishedError";
  readonly line: number;
  constructor(line: number) {
    super(`what begins in line ${line} has no end`);
    this.line = line;
  }
}

type Token = { kind: "space" | "semicolon" | "word" | "other"; start: number; end: number; word: string };

/** Openings of what runs to a closing, semicolons and all. A doubled quote inside is two of them in a row: no case of its own. */
const ENCLOSED: [opening: string, closing: string, kind: Token["kind"]][] = [
  ["'", "'", "other"],
  ['"', '"', "word"],
  ["`", "`", "word"],
  ["[", "]", "word"],
  ["/*", "*/", "space"],
];

const WORD = /[A-Za-z0-9_$\u0080-\uffff]+/y;
const SPACE = /[ \t\r\n\f]+/y;

function lineOf(sql: string, offset: number): number {
  return sql.slice(0, offset).split("\n").length;
}

function* tokens(sql: string): Generator<Token> {
  for (let start = 0; start < sql.length; ) {
    const token = tokenAt(sql, start);
    yield token;
    start = token.end;
  }
}

function tokenAt(sql: string, start: number): Token {
  const until = (end: number, kind: Token["kind"], word = ""): Token => ({ kind, start, end, word: word.toLowerCase() });
  const matched = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = start;
    return pattern.exec(sql)?.[0];
  };
  const space = matched(SPACE);
  if (space !== undefined) return until(start + space.length, "space");
  const word = matched(WORD);
  if (word !== undefined) return until(start + word.length, "word", word);
  if (sql.startsWith("--", start)) {
    const end = sql.indexOf("\n", start);
    return until(end < 0 ? sql.length : end + 1, "space");
  }
  for (const [opening, closing, kind] of ENCLOSED) {
    if (!sql.startsWith(opening, start)) continue;
    const end = sql.indexOf(closing, start + opening.length);
    if (end < 0) throw new UnfinishedError(lineOf(sql, start));
    return until(end + closing.length, kind, kind === "word" ? sql.slice(start + opening.length, end) : "");
  }
  return until(start + 1, sql[start] === ";" ? "semicolon" : "other");
}

/** Whether a statement of these words has a body with semicolons of its own. */
function isTrigger(words: string[]): boolean {
  const [first, second, third] = words;
  return first === "create" && (second === "trigger" || ((second === "temp" || second === "temporary") && third === "trigger"));
}

/** The statements of a text. A last one without a semicolon counts. */
export function statements(sql: string): Statement[] {
  const found: Statement[] = [];
  let collected: Token[] = [];
  const finish = (): void => {
    const [first, last] = [collected[0], collected.at(-1)];
    if (first && last) found.push({ text: sql.slice(first.start, last.end), words: wordsOf(collected) });
    collected = [];
  };
  for (const token of tokens(sql)) {
    if (token.kind === "space") continue;
    if (token.kind !== "semicolon") {
      collected.push(token);
    } else if (!isTrigger(wordsOf(collected.slice(0, 3))) || endsTrigger(collected)) {
      finish();
    } else {
      collected.push(token);
    }
  }
  const [first] = collected;
  if (first && isTrigger(wordsOf(collected)) && !endsTrigger(collected)) throw new UnfinishedError(lineOf(sql, first.start));
  finish();
  return found;
}

function wordsOf(collected: Token[]): string[] {
  return collected.filter(({ kind }) => kind === "word").map(({ word }) => word);
}

/** Whether the last of the body's statements is over and END follows. */
function endsTrigger(collected: Token[]): boolean {
  return collected.at(-1)?.word === "end" && collected.at(-2)?.kind === "semicolon";
}

/** A text as a literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
