/** Building elements without markup: nothing here is parsed, so no policy has to allow it. */

type Attributes = Readonly<Record<string, string | boolean | undefined>>;

/** An element with its attributes (`true` is an empty one, `false` and `undefined` are left out) and what is in it. */
export function make<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, attributes: Attributes = {}, ...inside: (Node | string)[]): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...inside);
  return element;
}

/** Resolves when what was changed just now is on the screen. */
export function painted(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}

const SVG = "http://www.w3.org/2000/svg";

/** A drawing of strokes on a square of 24, in the colour of the text. */
export function icon(path: string): SVGSVGElement {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  const stroke = document.createElementNS(SVG, "path");
  stroke.setAttribute("d", path);
  drawing.append(stroke);
  return drawing;
}

/** A button with a drawing in it; its label comes later, with the language. */
export function iconButton(name: string, path: string): HTMLButtonElement {
  return make("button", { type: "button", class: "icon", part: `button icon ${name}` }, icon(path));
}
