//! One file to one picture, natively: `avatar FILE [--size 256] [--out PATH] [--recipe JSON]`.
//!
//! Writes the same bytes as `render` of the npm package with the same recipe, and tells what it made.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use roundel::{OutputFormat, Recipe};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "usage: avatar FILE [--size 256] [--out PATH] [--recipe JSON]";

struct Arguments {
    file: PathBuf,
    /// Width and height, in pixels.
    size: Option<u32>,
    out: Option<PathBuf>,
    /// As the npm package takes it.
    recipe: Map<String, Value>,
}

fn arguments() -> Result<Arguments, lexopt::Error> {
    use lexopt::prelude::*;
    let (mut file, mut size, mut out, mut recipe) = (None, None, None, Map::new());
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("size") => size = Some(parser.value()?.parse()?),
            Long("out") => out = Some(PathBuf::from(parser.value()?)),
            Long("recipe") => recipe = parser.value()?.parse_with(|text| serde_json::from_str(text))?,
            Value(value) if file.is_none() => file = Some(PathBuf::from(value)),
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(Arguments { file: file.ok_or("FILE is missing")?, size, out, recipe })
}

/// The recipe, with the size and the kind of file that was asked for beside it.
fn recipe(arguments: &Arguments) -> Result<Recipe, String> {
    let mut members = arguments.recipe.clone();
    if let Some(size) = arguments.size {
        members.insert("width".into(), size.into());
        members.insert("height".into(), size.into());
    }
    let extension =
        arguments.out.as_deref().and_then(Path::extension).and_then(|extension| extension.to_str());
    if let Some(format @ ("gif" | "png" | "webp")) = extension.map(str::to_ascii_lowercase).as_deref() {
        members.entry("format").or_insert_with(|| format.into());
    }
    serde_json::from_value(members.into()).map_err(|error| format!("bad_recipe: {error}"))
}

/// Beside where the person stands: `photo.jpg` becomes `photo-256.jpg`.
fn default_output(file: &Path, recipe: &Recipe) -> PathBuf {
    let stem = file.file_stem().map_or("avatar".into(), |stem| stem.to_string_lossy());
    let extension = match recipe.format {
        OutputFormat::Jpeg => "jpg",
        OutputFormat::Png => "png",
        OutputFormat::Webp => "webp",
        OutputFormat::Gif => "gif",
    };
    let size = if recipe.width == recipe.height {
        recipe.width.to_string()
    } else {
        format!("{}x{}", recipe.width, recipe.height)
    };
    PathBuf::from(format!("{stem}-{size}.{extension}"))
}

fn run(arguments: &Arguments) -> Result<String, String> {
    let recipe = recipe(arguments)?;
    let file = &arguments.file;
    let out = arguments.out.clone().unwrap_or_else(|| default_output(file, &recipe));
    let photo = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let made = roundel::render(&photo, &recipe).map_err(|error| format!("{}: {error}", error.code()))?;
    std::fs::write(&out, &made.bytes).map_err(|error| format!("{}: {error}", out.display()))?;
    let (width, height, length) = (made.width, made.height, made.bytes.len());
    let (sha256, thumbhash) = (made.sha256_hex(), BASE64_STANDARD.encode(&made.thumbhash));
    let out = out.display();
    Ok(format!("{out}: {width} x {height}, {length} bytes, sha256 {sha256}, thumbhash {thumbhash}"))
}

fn main() -> ExitCode {
    let outcome =
        arguments().map_err(|error| format!("{error}\n{USAGE}")).and_then(|arguments| run(&arguments));
    match outcome {
        Ok(made) => {
            println!("{made}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("avatar: {message}");
            ExitCode::FAILURE
        }
    }
}
