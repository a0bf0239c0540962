// What wasm-bindgen generates beside the compiled files, as far as the package uses it.
export default function init(options: { module_or_path: WebAssembly.Module }): Promise<{ memory: WebAssembly.Memory }>;
export function inspect(bytes: Uint8Array): unknown;
export function isClean(bytes: Uint8Array): boolean;
export function render(bytes: Uint8Array, recipe: unknown, limits: unknown): unknown;
export function renderPixels(rgba: Uint8Array, width: number, height: number, recipe: unknown): unknown;
export function defaultPicture(options: unknown): unknown;
export function __wbg_reset_state(): void;
export function panicked(): boolean;
