/** The attributes of `<roundel-editor>`, as properties, and the token. What an attribute cannot mean is its default. */
import type { Recipe } from "../types.ts";
import { DEFAULT_WIDTHS, type Kind } from "./output.ts";
import type { Token } from "./saving.ts";

const FORMATS: readonly NonNullable<Recipe["format"]>[] = ["jpeg", "png", "webp"];

/** As the recipe has it. */
const MAX_WIDTH = 4096;

/** In a server there is no such class; the module can be imported there, the element not be made. */
const Base = globalThis.HTMLElement ?? (class {} as unknown as typeof HTMLElement);

export class EditorAttributes extends Base {
  #token: Token | undefined;

  /**
   * Of the worker, for its access token: a text, or a function that gives a fresh one. Nothing is uploaded without. No attribute: but of the class and not of
   * each element, as Svelte takes only what has a setter there for a property.
   */
  get token(): Token | undefined {
    return this.#token;
  }
  set token(token: Token | undefined) {
    this.#token = token;
  }

  /** What the picture is for: `avatar`, square, or `banner`, three times as wide as high. Default `avatar`. */
  get kind(): Kind {
    return this.getAttribute("kind") === "banner" ? "banner" : "avatar";
  }
  set kind(kind: Kind) {
    this.setAttribute("kind", kind);
  }

  /** Of an avatar's mask: `circle` or `square`. Default `circle`. The picture itself is square in both. */
  get shape(): "circle" | "square" {
    return this.kind === "banner" || this.getAttribute("shape") === "square" ? "square" : "circle";
  }
  set shape(shape: "circle" | "square") {
    this.setAttribute("shape", shape);
  }

  /** Most pixels of the finished picture's width, 1..4096. Default 1024, of a banner 1920. */
  get width(): number {
    const width = Number(this.getAttribute("width") ?? NaN);
    return Number.isInteger(width) && width >= 1 && width <= MAX_WIDTH ? width : DEFAULT_WIDTHS[this.kind];
  }
  set width(width: number) {
    this.setAttribute("width", String(width));
  }

  /** Default `jpeg`. The others keep what is transparent. */
  get format(): NonNullable<Recipe["format"]> {
    const format = this.getAttribute("format");
    return FORMATS.find((known) => known === format) ?? "jpeg";
  }
  set format(format: NonNullable<Recipe["format"]>) {
    this.setAttribute("format", format);
  }

  /** Whether a person may keep an animation; it becomes WebP unless `format` says PNG. Default false. A Roundel worker keeps those of avatars. */
  get animation(): boolean {
    return this.hasAttribute("animation");
  }
  set animation(animation: boolean) {
    this.toggleAttribute("animation", animation);
  }

  /** Origin of a Roundel worker: with it the editor uploads and publishes. Without it `roundel-save` hands the picture over. */
  get api(): string | null {
    return this.getAttribute("api");
  }
  set api(api: string | null) {
    if (api === null) this.removeAttribute("api");
    else this.setAttribute("api", api);
  }
}
