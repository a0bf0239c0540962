/** Of jobs that come faster than they can be done, does the one that runs and then the newest: those in between nobody wants any more. */
export class Latest<Job, Result> {
  readonly #work: (job: Job) => Promise<Result>;
  readonly #done: (job: Job, result: Result) => void;
  readonly #failed: (error: unknown) => void;
  #waiting: { job: Job } | undefined;
  #isRunning = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #settleMs: number;

  /**
   * @param options.settleMs a job begins when no newer one has come for so long, in milliseconds
   * @param options.done called with what a job gave, unless a newer one waits
   * @param options.failed called with why a job gave nothing, unless a newer one waits
   */
  constructor(options: { work: (job: Job) => Promise<Result>; done: (job: Job, result: Result) => void; failed: (error: unknown) => void; settleMs: number }) {
    this.#work = options.work;
    this.#done = options.done;
    this.#failed = options.failed;
    this.#settleMs = options.settleMs;
  }

  ask(job: Job): void {
    this.#waiting = { job };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#next(), this.#settleMs);
  }

  /** Forgets the job that waits; what the running one gives is thrown away. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#waiting = undefined;
    this.#generation++;
  }

  #generation = 0;

  async #next(): Promise<void> {
    const job = this.#waiting?.job;
    if (this.#isRunning || job === undefined) return;
    this.#waiting = undefined;
    this.#isRunning = true;
    const generation = this.#generation;
    try {
      const result = await this.#work(job);
      if (generation === this.#generation && this.#waiting === undefined) this.#done(job, result);
    } catch (error) {
      if (generation === this.#generation && this.#waiting === undefined) this.#failed(error);
    } finally {
      this.#isRunning = false;
      if (this.#waiting) void this.#next();
    }
  }
}
