import { element } from "./element.ts";

/** How long an announcement waits for a newer one, in milliseconds: a slider under way is announced once. */
const SETTLE_MS = 350;

let waiting: ReturnType<typeof setTimeout> | undefined;

/** Says a sentence to people who listen to the page, at the next pause. A newer one replaces it. */
export function announce(sentence: string, { soon = false } = {}): void {
  clearTimeout(waiting);
  const say = () => {
    element("status").textContent = sentence;
  };
  if (soon) say();
  else waiting = setTimeout(say, SETTLE_MS);
}
