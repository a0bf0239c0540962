import { element } from "./element.ts";

/** Says a sentence to people who listen to the page. The editor has its own region for what happens in it. */
export function announce(sentence: string): void {
  element("status").textContent = sentence;
}
