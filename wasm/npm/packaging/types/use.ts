// What a page does, with the types of the DOM.
import { defaultPicture, inspect, isClean, ready, render, renderPixels, RoundelError, type DefaultPicture, type ImageInfo, type Limits, type Recipe, type Rendered, type RoundelErrorCode } from "roundel";
import { RoundelEditor, type EditorState, type Labels } from "roundel/editor";
import { ready as readySlim, type WasmSource } from "roundel/slim";
import { createStudio, type JobPhase, type Photo, type Studio } from "roundel/studio";
import { uploadAvatar, uploadBanner, UploadError, type PublishedAvatar, type PublishedBanner, type UploadErrorCode, type UploadProgress } from "roundel/upload";

const recipe: Recipe = { width: 128, crop: { x: 0, y: 0, width: 10, height: 10 }, rotate: 90, background: undefined };
const limits: Limits = { maxPixels: 1_000_000 };
const sources: WasmSource[] = [new URL("https://example.com/roundel.wasm"), "/roundel.wasm", new Uint8Array(8), new ArrayBuffer(8), new Response(), new WebAssembly.Module(new Uint8Array(8))];
await ready();
await ready(fetch("/roundel.wasm"));
await readySlim(sources[0] ?? "");
const info: ImageInfo = inspect(new Uint8Array());
const made: Rendered = render(new Uint8Array(), recipe, limits);
const bytes: Uint8Array<ArrayBuffer> = made.bytes;
const clean: boolean = isClean(bytes);
const options: DefaultPicture = { kind: "initials", name: "Ada Lovelace", seed: "7" };
const nobody: Rendered = defaultPicture(options);
const drawn: Rendered = renderPixels(new ImageData(1, 1), recipe);

const studio: Studio = createStudio({ worker: () => new Worker("/studio-worker.js", { type: "module" }), wasm: "/roundel.wasm" });
const photo: Photo = new File([], "me.jpg");
const phases: JobPhase[] = [];
const again: Rendered = await studio.render(photo, recipe, { signal: AbortSignal.timeout(1), limits, transfer: true, onProgress: ({ phase }) => phases.push(phase) });
studio.close();

const onProgress = ({ phase, loaded, total }: UploadProgress): void => console.log(phase, loaded / total);
const avatar: PublishedAvatar = await uploadAvatar({ api: location.origin, token: async () => "t", rendered: made, onProgress, retries: 1 });
const size: number | undefined = avatar.variants[0]?.size;
const banner: PublishedBanner = await uploadBanner({ api: new URL(location.href), token: "t", rendered: nobody, signal: undefined });
const codes: (RoundelErrorCode | UploadErrorCode)[] = [new RoundelError("malformed", "").code, new UploadError("network", "").code];
const editor: RoundelEditor | null = document.querySelector("roundel-editor");
const words: Partial<Labels> = { save: "Sauver" };
if (editor) editor.labels = words;
const states: EditorState[] = [];
editor?.addEventListener("roundel-change", ({ detail }) => detail.recipe.crop?.width.toFixed());
export { states };
export { again, banner, clean, codes, drawn, info, size };
