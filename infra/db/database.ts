import { SetupError } from "../setup/process.ts";

/** A row as it comes back: names of columns -> values. */
export type Row = Record<string, unknown>;

/** A D1 database, wherever it is. */
export interface Database {
  /** For people: which one it is. */
  readonly description: string;
  /** Where it is kept, for those who have to know: only `remote` has other people's rows in it. */
  readonly place: "local" | "remote";
  /**
   * Runs the statements in one transaction: all of them, or none. Gives the rows of each.
   *
   * @throws DatabaseError when one of them fails; nothing has changed then
   */
  batch(statements: string[]): Promise<Row[][]>;
  close(): void;
}

/** A batch that failed. */
export class DatabaseError extends SetupError {
  /** What the database said. */
  readonly reason: string;
  constructor(database: string, reason: string) {
    super(`the ${database} says: ${reason}`);
    this.reason = reason;
  }
}
