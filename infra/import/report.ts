/** The files that were not imported, and why: for a spreadsheet, or for a program. */
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { stringify } from "csv-stringify/sync";
import type { Finding } from "./plan.ts";

const COLUMNS = ["file", "sub", "outcome", "code", "detail"] as const;

export type ReportFormat = "csv" | "jsonl";

/** By the name of the file; undefined where that says neither. */
export function reportFormat(path: string): ReportFormat | undefined {
  if (/\.csv$/i.test(path)) return "csv";
  return /\.(jsonl|ndjson)$/i.test(path) ? "jsonl" : undefined;
}

/** Writes the report whole, in place of the one before. */
export function writeReport(path: string, format: ReportFormat, findings: readonly Finding[]): void {
  const rows = [...findings].sort((a, b) => (a.file < b.file ? -1 : 1)).map((finding) => Object.fromEntries(COLUMNS.map((column) => [column, finding[column] ?? ""])));
  const text = format === "csv" ? stringify(rows, { header: true, columns: [...COLUMNS] }) : rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
