//! The wasm-bindgen face of the crate: converts and calls, nothing else.
//!
//! Its errors are plain objects `{ code, message }`; the TypeScript around it makes them `RoundelError`s. A thrown
//! Rust string or a class made here could not be a real `Error` with a stable prototype in every runtime.

#![expect(unreachable_pub, reason = "wasm-bindgen exports these functions; no Rust code calls them")]

mod options;

use crate::{Error, ImageInfo, Limits, Recipe, Rendered, RgbaPixels};
use js_sys::Uint8Array;
use options::read;
use serde::Serialize;
use std::sync::atomic::{AtomicBool, Ordering};
use wasm_bindgen::prelude::*;

/// Whether this instance panicked. It is asked after a trap, which says nothing itself: without a panic, memory ran out.
static PANICKED: AtomicBool = AtomicBool::new(false);

/// Runs when the module is instantiated. The hook keeps no message: it may quote the file.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|_| PANICKED.store(true, Ordering::Relaxed)));
}

/// Whether this instance panicked.
#[must_use]
#[wasm_bindgen]
pub fn panicked() -> bool {
    PANICKED.load(Ordering::Relaxed)
}

/// `inspect(bytes)` of the npm package.
///
/// # Errors
///
/// `{ code, message }`.
#[wasm_bindgen]
pub fn inspect(bytes: &[u8]) -> Result<JsValue, JsValue> {
    let info: ImageInfo = crate::inspect(bytes).map_err(|error| thrown(&error))?;
    object(&Inspected {
        format: info.format.name(),
        width: info.width,
        height: info.height,
        orientation: info.orientation.exif(),
        has_alpha: info.has_alpha,
        frames: info.frames,
        color_space: info.color_space.name(),
        has_metadata: info.has_metadata,
    })
}

/// `render(bytes, recipe, limits)` of the npm package, but for the base64 of the ThumbHash, which is made in JavaScript.
///
/// # Errors
///
/// `{ code, message }`.
#[wasm_bindgen]
pub fn render(bytes: &[u8], recipe: JsValue, limits: JsValue) -> Result<JsValue, JsValue> {
    let recipe = read::<Recipe>(&recipe, "recipe").map_err(|error| thrown(&error))?;
    let limits = read::<Limits>(&limits, "limits").map_err(|error| thrown(&error))?;
    finished(crate::render_within(bytes, &recipe, &limits))
}

/// `isClean(bytes)` of the npm package.
#[must_use]
#[wasm_bindgen(js_name = isClean)]
pub fn is_clean(bytes: &[u8]) -> bool {
    crate::is_clean(bytes)
}

/// `renderPixels(pixels, recipe)` of the npm package: red, green, blue and alpha of each pixel, row by row, as `ImageData` has them.
///
/// # Errors
///
/// `{ code, message }`.
#[wasm_bindgen(js_name = renderPixels)]
pub fn render_pixels(rgba: Vec<u8>, width: u32, height: u32, recipe: JsValue) -> Result<JsValue, JsValue> {
    let recipe = read::<Recipe>(&recipe, "recipe").map_err(|error| thrown(&error))?;
    finished(crate::render_pixels(RgbaPixels { width, height, rgba }, &recipe, &Limits::default()))
}

/// `defaultPicture(options)` of the npm package.
///
/// # Errors
///
/// `{ code, message }`.
#[cfg(feature = "default-pictures")]
#[wasm_bindgen(js_name = defaultPicture)]
pub fn default_picture(options: JsValue) -> Result<JsValue, JsValue> {
    let options = read::<crate::DefaultPicture>(&options, "options").map_err(|error| thrown(&error))?;
    finished(crate::default_picture(&options))
}

/// `ImageInfo` of the npm package.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Inspected {
    format: &'static str,
    width: u32,
    height: u32,
    orientation: u8,
    has_alpha: bool,
    frames: u32,
    color_space: &'static str,
    has_metadata: bool,
}

/// `Rendered` of the npm package, but for its `source`; bytes are of JavaScript already.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Made {
    #[serde(with = "serde_wasm_bindgen::preserve")]
    bytes: Uint8Array,
    width: u32,
    height: u32,
    content_type: &'static str,
    sha256: String,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    thumbhash: Uint8Array,
    quality: u8,
    frames: u32,
}

/// What the TypeScript around makes an error of.
#[derive(Serialize)]
struct Failure {
    code: &'static str,
    message: String,
}

fn finished(outcome: Result<Rendered, Error>) -> Result<JsValue, JsValue> {
    let rendered = outcome.map_err(|error| thrown(&error))?;
    object(&Made {
        bytes: Uint8Array::from(rendered.bytes.as_slice()),
        width: rendered.width,
        height: rendered.height,
        content_type: rendered.format.content_type(),
        sha256: rendered.sha256_hex(),
        thumbhash: Uint8Array::from(rendered.thumbhash.as_slice()),
        quality: rendered.quality,
        frames: rendered.frames,
    })
}

fn thrown(error: &Error) -> JsValue {
    object(&Failure { code: error.code(), message: error.to_string() }).unwrap_or_else(|failure| failure)
}

fn object(value: &impl Serialize) -> Result<JsValue, JsValue> {
    Ok(serde_wasm_bindgen::to_value(value)?)
}
