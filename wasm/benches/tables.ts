/** Tables as Markdown, so that they can be pasted into a page; columns are padded, so that they can be read in a terminal. */

/** A cell; what is `undefined` was not measured, and the table says so with a dash. */
export type Cell = string | number | undefined;

export type Table = { title: string; columns: string[]; rows: Cell[][]; notes?: string[] };

const shown = (cell: Cell): string => (cell === undefined ? "–" : String(cell));

/** A number of so many decimals, or nothing. */
export function decimals(value: number | undefined, digits: number): string | undefined {
  return value === undefined || Number.isNaN(value) ? undefined : value.toFixed(digits);
}

/** The first column stands to the left, the others to the right, as numbers do. */
export function markdown({ title, columns, rows, notes = [] }: Table): string {
  const cells = [columns, ...rows.map((row) => row.map(shown))];
  const widths = columns.map((_, at) => Math.max(3, ...cells.map((row) => row[at]?.length ?? 0)));
  const line = (row: string[]): string =>
    `| ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join(" | ")} |`;
  const rule = `| ${widths.map((width, at) => (at === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  const [head = [], ...body] = cells;
  return [`**${title}**`, "", line(head), rule, ...body.map(line), ...notes.flatMap((note) => ["", note]), ""].join("\n");
}
