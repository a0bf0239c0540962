/** Makes the finished picture of what the mask shows, whenever it has come to rest, and shows it in the previews. */
import type { Studio } from "../studio.ts";
import type { Recipe, Rendered } from "../types.ts";
import { play } from "./animation.ts";
import { Latest } from "./latest.ts";
import type { Photo } from "./photo.ts";
import type { Previews } from "./previews.ts";

/** The finished picture is made when nothing has moved for so long, in milliseconds. */
const SETTLE_MS = 150;

/** What is to be made of which photo. */
type Job = { readonly photo: Photo; readonly recipe: Recipe };

export type FinisherOptions = {
  readonly studio: () => Studio;
  readonly previews: Previews;
  /** Told of each finished picture, and of `undefined` when it holds no longer. */
  readonly onFinished: (rendered: Rendered | undefined) => void;
  /** Told why a picture could not be made, where it still is the one that is wanted. */
  readonly onFailed: (error: unknown) => void;
};

export class Finisher {
  readonly #options: FinisherOptions;
  readonly #renders = new Latest<Job, Rendered>({
    work: ({ photo, recipe }) => this.#options.studio().render(photo.file, recipe),
    done: (job, rendered) => this.#settle(job, rendered),
    failed: (error) => this.#options.onFailed(error),
    settleMs: SETTLE_MS,
  });
  #finished: (Job & { readonly rendered: Rendered }) | undefined;
  #playing: AbortController | undefined;

  constructor(options: FinisherOptions) {
    this.#options = options;
  }

  /** The picture is another one now. */
  change(job: Job): void {
    this.#drop();
    this.#renders.ask(job);
  }

  /** The picture as it was finished, or made now. */
  async render({ photo, recipe }: Job, signal?: AbortSignal): Promise<Rendered> {
    const finished = this.#finished;
    if (finished?.photo === photo && isSame(finished.recipe, recipe)) return finished.rendered;
    return this.#options.studio().render(photo.file, recipe, { signal });
  }

  /** There is no picture. */
  clear(): void {
    this.#drop();
    this.#renders.clear();
  }

  /** Ends an animation. */
  stop(): void {
    this.#playing?.abort();
  }

  #drop(): void {
    this.stop();
    this.#finished = undefined;
    this.#options.onFinished(undefined);
  }

  #settle(job: Job, rendered: Rendered): void {
    const { previews, onFinished } = this.#options;
    this.#finished = { ...job, rendered };
    onFinished(rendered);
    const playing = (this.#playing = new AbortController());
    void previews.settle(rendered, job.photo).then(() => play(rendered, previews.canvases, playing.signal));
  }
}

function isSame(a: Recipe, b: Recipe): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
