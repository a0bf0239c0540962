//! One file to one picture, natively: `avatar FILE [--size 256] [--out PATH]`.
//!
//! Writes the same bytes as `render` of the npm package with `{ width: size, height: size }`, and tells what it made.

use roundel::{OutputFormat, Recipe};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "usage: avatar FILE [--size 256] [--out PATH]";

struct Arguments {
    file: PathBuf,
    size: u32,
    out: Option<PathBuf>,
}

fn arguments() -> Result<Arguments, lexopt::Error> {
    use lexopt::prelude::*;
    let (mut file, mut size, mut out) = (None, 256, None);
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("size") => size = parser.value()?.parse()?,
            Long("out") => out = Some(PathBuf::from(parser.value()?)),
            Value(value) if file.is_none() => file = Some(PathBuf::from(value)),
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(Arguments { file: file.ok_or("FILE is missing")?, size, out })
}

/// Beside where the person stands: `photo.jpg` becomes `photo-256.jpg`.
fn default_output(file: &Path, size: u32) -> PathBuf {
    let stem = file.file_stem().map_or("avatar".into(), |stem| stem.to_string_lossy());
    PathBuf::from(format!("{stem}-{size}.jpg"))
}

fn run(arguments: &Arguments) -> Result<String, String> {
    let Arguments { file, size, out } = arguments;
    let out = out.clone().unwrap_or_else(|| default_output(file, *size));
    let has_extension =
        |name: &str| out.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(name));
    let format = match () {
        () if has_extension("png") => OutputFormat::Png,
        () if has_extension("webp") => OutputFormat::Webp,
        () => OutputFormat::Jpeg,
    };
    let photo = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let recipe = Recipe { width: *size, height: *size, format, ..Recipe::default() };
    let made = roundel::render(&photo, &recipe).map_err(|error| format!("{}: {error}", error.code()))?;
    std::fs::write(&out, &made.bytes).map_err(|error| format!("{}: {error}", out.display()))?;
    let (length, sha256) = (made.bytes.len(), made.sha256_hex());
    Ok(format!("{}: {size} x {size}, {length} bytes, sha256 {sha256}", out.display()))
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
