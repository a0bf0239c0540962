/** `npm run db:migrate -- [--remote] [--out-of-order] [--break-lock]`: applies the migrations that the profile database does not have yet. */
import { main, say } from "../../setup/process.ts";
import { migrate, readMigrations } from "../migrate.ts";
import { readArguments, withDatabase } from "./arguments.ts";

await main(async () => {
  const { has } = readArguments({ usage: "npm run db:migrate -- [--remote] [--out-of-order] [--break-lock]", flags: ["remote", "out-of-order", "break-lock"] });
  await withDatabase({ remote: has("remote") }, async (database) => {
    const count = await migrate(database, readMigrations(), { outOfOrder: has("out-of-order"), breakLock: has("break-lock"), say });
    console.log(`the ${database.description} is up to date: ${count === 0 ? "there was nothing to apply" : `${count} migration${count === 1 ? "" : "s"} applied`}`);
  });
});
