//! Files that nobody here wrote, one named test a file: those of `../shared/corpora` beside the checkout, where that folder is.
//! Whatever a file holds, the answer is a picture or a typed error, and PngSuite says which.

use libtest_mimic::{Arguments, Failed, Trial};
use roundel::{Recipe, inspect, render};
use std::path::{Path, PathBuf};

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] })
        .collect();
    files.sort();
    files
}

fn any_answer(file: &Path) -> Result<(), Failed> {
    let bytes = std::fs::read(file)?;
    let recipe = Recipe { width: 64, height: 64, ..Recipe::default() };
    match (inspect(&bytes), render(&bytes, &recipe)) {
        (Err(_), Ok(_)) => Err("it was rendered, but not inspected".into()),
        (_, Err(error)) if error.code() == "bad_recipe" => Err(error.to_string().into()),
        (_, Err(error)) if error.to_string().is_empty() => Err("the error has no words".into()),
        _ => Ok(()),
    }
}

/// The files of PngSuite whose name begins with x are broken, all others are good.
fn as_png_suite_says(file: &Path) -> Result<(), Failed> {
    let is_broken = file.file_name().is_some_and(|name| name.to_string_lossy().starts_with('x'));
    match render(&std::fs::read(file)?, &Recipe::default()) {
        Ok(_) if is_broken => Err("it is broken and was rendered".into()),
        Err(error) if !is_broken => Err(error.to_string().into()),
        _ => Ok(()),
    }
}

fn main() {
    let arguments = Arguments::from_args();
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora");
    let mut trials = Vec::new();
    for file in files_below(&corpora) {
        let name = file.strip_prefix(&corpora).unwrap_or(&file).display().to_string();
        let is_png = file.extension().is_some_and(|extension| extension == "png");
        let run = if is_png && name.starts_with("pngsuite") { as_png_suite_says } else { any_answer };
        trials.push(Trial::test(name, move || run(&file)));
    }
    let seen = trials.len();
    trials.push(Trial::test("the corpora are all there, or not at all", move || {
        if corpora.exists() && seen < 600 { Err(format!("only {seen} files").into()) } else { Ok(()) }
    }));
    libtest_mimic::run(&arguments, trials).exit();
}
