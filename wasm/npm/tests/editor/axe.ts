/** axe-core in a page: what it finds of WCAG 2.2 A and AA, and of good practice. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const source = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

type Found = { passes: unknown[]; violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] };

/** Each violation in a line. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(source);
  const { passes, violations: found } = await page.evaluate(() => (window as unknown as { axe: { run(): Promise<Found> } }).axe.run());
  if (passes.length === 0) throw new Error("axe-core looked at nothing");
  return found.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ""}`));
}
