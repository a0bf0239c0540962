/** Whose picture a file is: its name says so, or a table does. */
import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { SetupError } from "../setup/process.ts";

/** Endings of files that are taken; what is in them decides. */
const ENDING = /\.(jpe?g|png|webp|gif)$/i;
/** As the worker takes them; `Subject` in edge/src/kind.rs. */
const SUBJECT = /^[A-Za-z0-9_-]{1,128}$/;

/** Why a file is not imported: a stable word, and one for people. */
export type Reason = { code: string; detail: string };

/** Which person has which file: by the file's path, or by that without its ending. */
export type NameTable = ReadonlyMap<string, string>;

export type Owner = { sub: string } | { refused: Reason };

export function ownerOf(name: string, table: NameTable | undefined): Owner {
  const refused = (code: string, detail: string): Owner => ({ refused: { code, detail } });
  if (!ENDING.test(name)) return refused("bad_name", "its name does not end in .jpg, .jpeg, .png, .webp or .gif");
  const stem = name.replace(ENDING, "");
  if (table) {
    const sub = table.get(name) ?? table.get(stem);
    return sub === undefined ? refused("not_mapped", "the table of --map has no line for it") : { sub };
  }
  const id = stem.slice(stem.lastIndexOf("/") + 1);
  if (!SUBJECT.test(id)) return refused("bad_subject", "its name without the ending is not 1 to 128 of A-Z a-z 0-9 _ -, which an identifier is; a table of --map can say whose it is");
  return { sub: id };
}

/** Reads `--map`: a CSV file whose first line names the columns, `file` and `sub` among them. */
export function readNameTable(path: string, shown: string): NameTable {
  const wrong = (words: string): SetupError => new SetupError(`${shown}: ${words}`);
  let rows: { record: Record<string, string>; info: { lines: number } }[];
  try {
    const text = readFileSync(path, "utf8");
    rows = parse(text, { columns: true, bom: true, trim: true, skip_empty_lines: true, info: true }) as typeof rows;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw wrong(code?.startsWith("CSV_") ? `it is no CSV (${message})` : `it cannot be read (${code})`);
  }
  const table = new Map<string, string>();
  for (const { record, info } of rows) {
    const { file, sub } = record;
    if (file === undefined || sub === undefined) throw wrong("its first line has to name the columns `file` and `sub`, such as `file,sub`");
    if (!SUBJECT.test(sub)) throw wrong(`line ${info.lines}: the sub is not 1 to 128 of A-Z a-z 0-9 _ -`);
    const before = table.get(file);
    if (before !== undefined && before !== sub) throw wrong(`line ${info.lines}: ${file} is another person's above`);
    table.set(file, sub);
  }
  if (table.size === 0) throw wrong("it has no line beside the first, which names the columns `file` and `sub`");
  return table;
}
