/** Command line tools that are compiled from the registry. The crates they work with are pinned to match in Cargo.toml. */
export const WASM_BINDGEN_VERSION = "0.2.129";
export const WORKER_BUILD_VERSION = "0.8.7";
export const CARGO_FUZZ_VERSION = "0.13.2";

export const WASM_TARGET = "wasm32-unknown-unknown";
