/**
 * Types of the runtime, where it has them: the published types hold in projects that know the DOM, Node's types, those of a Workers runtime, or none of
 * them. What a project has no type for, it cannot hand over.
 */
type Instance<Name extends string> = typeof globalThis extends Record<Name, { prototype: infer T }> ? T : never;

export type BlobLike = Instance<"Blob">;
export type Url = Instance<"URL">;
export type FetchResponse = Instance<"Response">;
export type WebWorker = Instance<"Worker">;
export type Signal = Instance<"AbortSignal">;
/** Its type has no members, so that anything would do: at least a number does not. */
export type WasmModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer T } } } ? T & object : never;
