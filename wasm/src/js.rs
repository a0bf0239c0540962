//! The wasm-bindgen face of the crate: converts and calls, nothing else.
//!
//! Its errors are plain objects `{ code, message }`; the TypeScript around it makes them `RoundelError`s. A thrown
//! Rust string or a class made here could not be a real `Error` with a stable prototype in every runtime.

#![expect(unreachable_pub, reason = "wasm-bindgen exports these functions; no Rust code calls them")]

use crate::{Error, ImageInfo, Limits, Recipe, Rendered, RgbaPixels};
use js_sys::{Array, Object, Reflect, Uint8Array};
use serde::de::DeserializeOwned;
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
    object([
        ("format", info.format.name().into()),
        ("width", info.width.into()),
        ("height", info.height.into()),
        ("orientation", info.orientation.exif().into()),
        ("hasAlpha", info.has_alpha.into()),
        ("frames", info.frames.into()),
        ("colorSpace", info.color_space.name().into()),
        ("hasMetadata", info.has_metadata.into()),
    ])
}

/// `render(bytes, recipe, limits)` of the npm package, but for the base64 of the ThumbHash, which is made in JavaScript.
///
/// # Errors
///
/// `{ code, message }`.
#[wasm_bindgen]
pub fn render(bytes: &[u8], recipe: JsValue, limits: JsValue) -> Result<JsValue, JsValue> {
    let recipe = read_recipe(recipe).map_err(|error| thrown(&error))?;
    let limits = read(limits, &Limits::MEMBERS, "limits").map_err(|error| thrown(&error))?;
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
    let recipe = read_recipe(recipe).map_err(|error| thrown(&error))?;
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
    let options: crate::DefaultPicture =
        read(options, &crate::DefaultPicture::MEMBERS, "options").map_err(|error| thrown(&error))?;
    finished(crate::default_picture(&options))
}

fn finished(outcome: Result<Rendered, Error>) -> Result<JsValue, JsValue> {
    let rendered = outcome.map_err(|error| thrown(&error))?;
    object([
        ("bytes", Uint8Array::from(rendered.bytes.as_slice()).into()),
        ("width", rendered.width.into()),
        ("height", rendered.height.into()),
        ("contentType", rendered.format.content_type().into()),
        ("sha256", rendered.sha256_hex().into()),
        ("thumbhash", Uint8Array::from(rendered.thumbhash.as_slice()).into()),
        ("quality", rendered.quality.into()),
        ("frames", rendered.frames.into()),
    ])
}

fn read_recipe(recipe: JsValue) -> Result<Recipe, Error> {
    read(recipe, &Recipe::MEMBERS, "recipe")
}

/// Reads options member by member, so that a refusal names the one that is wrong. A member that is `undefined` counts as
/// absent. (`serde-wasm-bindgen` alone would pass over misspelled members: it never asks an object for others than it knows.)
fn read<T: DeserializeOwned + Default>(
    options: JsValue,
    members: &[&'static str],
    what: &'static str,
) -> Result<T, Error> {
    if options.is_undefined() || options.is_null() {
        return Ok(T::default());
    }
    let not_an_object = || Error::bad_recipe(what, "it is not an object with members");
    let given =
        options.dyn_ref::<Object>().filter(|object| !Array::is_array(object)).ok_or_else(not_an_object)?;
    let defined = Object::new();
    for key in Object::keys(given) {
        let name = *members.iter().find(|name| key == **name).ok_or_else(|| {
            let members = members.join(", ");
            Error::bad_recipe(what, format!("it has a member of an unknown name; there are {members}"))
        })?;
        let unreadable = |_| Error::bad_recipe(name, "it cannot be read");
        let value = Reflect::get(given, &key).map_err(unreadable)?;
        if value.is_undefined() {
            continue;
        }
        let alone = Object::new();
        Reflect::set(&alone, &key, &value).map_err(unreadable)?;
        deserialize::<T>(alone.into()).map_err(|error| Error::bad_recipe(name, error))?;
        Reflect::set(&defined, &key, &value).map_err(unreadable)?;
    }
    deserialize(defined.into()).map_err(|error| Error::bad_recipe(what, error))
}

fn deserialize<T: DeserializeOwned>(options: JsValue) -> Result<T, String> {
    let deserializer = serde_wasm_bindgen::Deserializer::from(options);
    T::deserialize(deserializer).map_err(|error| error.to_string().trim_start_matches("Error: ").to_owned())
}

fn thrown(error: &Error) -> JsValue {
    object([("code", error.code().into()), ("message", error.to_string().into())])
        .unwrap_or_else(|failure| failure)
}

fn object<const N: usize>(members: [(&str, JsValue); N]) -> Result<JsValue, JsValue> {
    let object = Object::new();
    for (name, value) in members {
        Reflect::set(&object, &name.into(), &value)?;
    }
    Ok(object.into())
}
