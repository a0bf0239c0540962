/** The tables of the edge worker, one after the other as they are made. */
import { say } from "../../infra/setup/process.ts";
import { limitsTable, type Limit } from "../../wasm/benches/limits.ts";
import { markdown, type Table } from "../../wasm/benches/tables.ts";
import { bundle } from "./bundle.ts";
import { cold } from "./cold.ts";
import { FULL, QUICK } from "./load.ts";
import { serving } from "./serving.ts";
import { signing } from "./signing.ts";
import { setStage } from "./stage.ts";
import { start } from "./start.ts";
import { WORKERD_VERSION } from "./workerd.ts";

export async function edgeTables(isQuick: boolean): Promise<void> {
  const [schedule, runs] = isQuick ? [QUICK, 3] : [FULL, 15];
  const limits: Limit[] = [];
  const show = ({ table, limits: more }: { table: Table; limits: Limit[] }): void => {
    console.log(markdown(table));
    limits.push(...more);
  };
  const stage = await setStage();
  try {
    console.log(`workerd ${WORKERD_VERSION}\n`);
    say("measuring the edge worker: cached pictures");
    show(await serving(stage, schedule));
    say("cold pictures");
    show(await cold(stage, runs));
    say("new processes");
    show(await start(stage, runs));
    say("tokens and signatures");
    show(await signing(stage, schedule));
    show(await bundle());
  } finally {
    await stage.stop();
  }
  console.log(markdown(limitsTable("Limits of the edge worker", limits)));
}
