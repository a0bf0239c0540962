/** Undo and redo over values that never change. */

/** More steps than anybody goes back; older ones are forgotten. */
const MAX_STEPS = 200;

/** What was, what is, and what was undone. */
export class History<State> {
  #past: State[] = [];
  #future: State[] = [];
  #now: State;
  #group: string | undefined;

  constructor(start: State) {
    this.#now = start;
  }

  get now(): State {
    return this.#now;
  }

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  /** Makes a step. Steps of the same group in a row are one, until {@link endGroup}: a drag is undone as a whole. */
  push(state: State, group?: string): void {
    if (group === undefined || group !== this.#group) {
      this.#past.push(this.#now);
      if (this.#past.length > MAX_STEPS) this.#past.shift();
    }
    this.#group = group;
    this.#future = [];
    this.#now = state;
  }

  /** What comes next is a step of its own, whatever its group. */
  endGroup(): void {
    this.#group = undefined;
  }

  /** Goes a step back; gives whether there was one. */
  undo(): boolean {
    return this.#step(this.#past, this.#future);
  }

  /** Makes the undone step again; gives whether there was one. */
  redo(): boolean {
    return this.#step(this.#future, this.#past);
  }

  #step(from: State[], to: State[]): boolean {
    this.endGroup();
    if (from.length === 0) return false;
    to.push(this.#now);
    this.#now = from.pop() as State;
    return true;
  }
}
