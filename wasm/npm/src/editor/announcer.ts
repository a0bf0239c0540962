/** How long an announcement waits for a newer one, in milliseconds: a slider under way is announced once. */
const SETTLE_MS = 350;

/** Says sentences to people who listen to the page, by a live region. */
export class Announcer {
  readonly #region: HTMLElement;
  #waiting: ReturnType<typeof setTimeout> | undefined;

  constructor(region: HTMLElement) {
    this.#region = region;
  }

  /** Says a sentence at the next pause. A newer one replaces it. */
  say(sentence: string): void {
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(() => this.sayNow(sentence), SETTLE_MS);
  }

  sayNow(sentence: string): void {
    clearTimeout(this.#waiting);
    this.#region.textContent = sentence;
  }
}
