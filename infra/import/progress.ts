/** How far an import is: a bar on a terminal, now and then a line elsewhere. */

export type Counts = { total: number; published: number; already: number; kept: number; refused: number; failed: number };

/** Where it is shown: standard output. */
export type Screen = { write(text: string): void; isTerminal: boolean; /** In characters. */ width(): number };

const BAR_CHARACTERS = 24;
const TERMINAL_INTERVAL_MS = 100;
const LINE_INTERVAL_MS = 10_000;

export class Progress {
  readonly counts: Counts;
  readonly #screen: Screen;
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #doneBefore: number;
  #shownAt: number;
  #barIsShown = false;

  constructor(screen: Screen, counts: Counts, now: () => number = Date.now) {
    this.#screen = screen;
    this.counts = counts;
    this.#now = now;
    this.#startedAt = now();
    this.#shownAt = this.#startedAt;
    this.#doneBefore = doneOf(counts);
  }

  count(what: Exclude<keyof Counts, "total">): void {
    this.counts[what] += 1;
    const interval = this.#screen.isTerminal ? TERMINAL_INTERVAL_MS : LINE_INTERVAL_MS;
    if (this.#now() - this.#shownAt >= interval) this.show();
  }

  /** Shows how far it is now. */
  show(): void {
    this.#shownAt = this.#now();
    if (!this.#screen.isTerminal) return this.#screen.write(`${this.#state()}\n`);
    const share = this.counts.total === 0 ? 1 : doneOf(this.counts) / this.counts.total;
    const filled = Math.round(share * BAR_CHARACTERS);
    const line = `[${"#".repeat(filled)}${".".repeat(BAR_CHARACTERS - filled)}] ${this.#state()}`;
    this.#screen.write(`\r\u001b[2K${line.slice(0, Math.max(20, this.#screen.width() - 1))}`);
    this.#barIsShown = true;
  }

  /** Says something, above the bar where there is one. */
  note(text: string): void {
    const barWasShown = this.#barIsShown;
    this.clear();
    this.#screen.write(`${text}\n`);
    if (barWasShown) this.show();
  }

  /** Takes the bar away. */
  clear(): void {
    if (this.#barIsShown) this.#screen.write("\r\u001b[2K");
    this.#barIsShown = false;
  }

  #state(): string {
    const { counts } = this;
    const done = doneOf(counts);
    const seconds = (this.#now() - this.#startedAt) / 1000;
    const perSecond = (done - this.#doneBefore) / Math.max(seconds, 0.001);
    const left = counts.total - done;
    const parts = [`${done} of ${counts.total}`];
    if (seconds >= 1 && perSecond > 0) parts.push(`${perSecond.toFixed(1)}/s`, ...(left > 0 ? [`${duration(left / perSecond)} left`] : []));
    for (const name of ["kept", "refused", "failed"] as const) if (counts[name] > 0) parts.push(`${counts[name]} ${name}`);
    return parts.join(", ");
  }
}

function doneOf({ published, already, kept, refused, failed }: Counts): number {
  return published + already + kept + refused + failed;
}

function duration(seconds: number): string {
  const minutes = seconds / 60;
  if (minutes < 1) return `${Math.ceil(seconds)} s`;
  return minutes < 90 ? `${Math.round(minutes)} min` : `${(minutes / 60).toFixed(1)} h`;
}

/** What an import came to. */
export function summary({ total, published, already, kept, refused, failed }: Counts): string {
  const left = total - doneOf({ total, published, already, kept, refused, failed });
  const parts = [`${published} published`, `${already} by earlier runs`, `${kept} kept`, `${refused} refused`, `${failed} failed`];
  return `${total} ${total === 1 ? "file" : "files"}: ${parts.join(", ")}${left > 0 ? `, ${left} not begun` : ""}`;
}
