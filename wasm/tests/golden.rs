//! The same bytes everywhere: `golden.json` lists pictures, recipes and the SHA-256 of what must come out. The program `avatar`, the npm package
//! and the worker are held against the same list.
//!
//! A new case is a line with `input` and `recipe` alone; a new file among the fixtures comes in by itself, with the recipes that every picture
//! goes through. A run that finds other bytes than the list, or lines without a hash, leaves the list as it should be in `golden.got.json`. After
//! an intended change look at the new pictures, then put it in place:
//!
//! ```text
//! cargo test -p roundel --test golden; mv wasm/tests/golden.got.json wasm/tests/golden.json
//! ```

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use roundel::{Recipe, Rendered, inspect, render};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The recipes that every picture goes through.
const FOR_EVERY_PICTURE: [&str; 2] = ["{}", r#"{"width":64,"height":64,"format":"png"}"#];

/// A file of the fixtures, and what is made of it.
struct Case {
    input: String,
    recipe: Value,
}

impl Case {
    fn recipe(&self) -> Result<Recipe, String> {
        serde_json::from_value(self.recipe.clone()).map_err(|error| format!("{}: {error}", self.name()))
    }

    /// What it is known by: the same for two cases that ask for the same in other words.
    fn identity(&self) -> String {
        format!("{} {:?}", self.input, self.recipe())
    }

    fn name(&self) -> String {
        format!("{} {}", self.input, in_order(&self.recipe, &Recipe::MEMBERS))
    }

    fn render(&self) -> Result<Rendered, String> {
        let photo = std::fs::read(fixtures().join(&self.input))
            .map_err(|error| format!("{}: {error}", self.input))?;
        render(&photo, &self.recipe()?).map_err(|error| format!("{}: {error}", self.name()))
    }

    /// Its line of the list.
    fn line(&self) -> Result<String, String> {
        let made = self.render()?;
        let recipe = in_order(&self.recipe, &Recipe::MEMBERS);
        let (sha256, thumbhash) = (made.sha256_hex(), hex(&made.thumbhash));
        Ok(format!(
            r#"{{"input":{},"recipe":{recipe},"sha256":"{sha256}","thumbhash":"{thumbhash}"}}"#,
            json!(self.input)
        ))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// JSON with the members in the order given. What `serde_json` writes depends on a feature, which another crate of the workspace may turn on.
fn in_order(value: &Value, members: &[&str]) -> String {
    let Some(object) = value.as_object() else { return value.to_string() };
    let unknown = object.keys().map(String::as_str).filter(|name| !members.contains(name));
    let mut text = String::new();
    for name in members.iter().copied().chain(unknown) {
        if let Some(value) = object.get(name) {
            let comma = if text.is_empty() { "" } else { "," };
            let value = in_order(value, &["x", "y", "width", "height"]);
            write!(text, "{comma}\"{name}\":{value}").unwrap();
        }
    }
    format!("{{{text}}}")
}

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn fixtures() -> PathBuf {
    tests().join("fixtures")
}

/// The list, each line as it is in the file.
fn list() -> (String, Vec<Case>) {
    let text = std::fs::read_to_string(tests().join("golden.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    let case = |case: &Value| Case {
        input: case["input"].as_str().unwrap().to_owned(),
        recipe: case["recipe"].clone(),
    };
    (text, cases.iter().map(case).collect())
}

/// Files below the fixtures, as `golden.json` names them, in order.
fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .flat_map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            if !entry.path().is_dir() {
                return vec![name];
            }
            files(&entry.path()).iter().map(|inner| format!("{name}/{inner}")).collect()
        })
        .collect();
    names.sort();
    names
}

/// The cases that are to be there and are not: a picture that can be read goes through each of [`FOR_EVERY_PICTURE`].
fn missing(cases: &[Case]) -> Vec<Case> {
    let listed: BTreeSet<String> = cases.iter().map(Case::identity).collect();
    let mut missing = Vec::new();
    for input in files(&fixtures()) {
        if inspect(&std::fs::read(fixtures().join(&input)).unwrap()).is_err() {
            continue;
        }
        for recipe in FOR_EVERY_PICTURE {
            let case = Case { input: input.clone(), recipe: serde_json::from_str(recipe).unwrap() };
            // What is only inspected, as AVIF is, has no golden bytes.
            if !listed.contains(&case.identity()) && case.render().is_ok() {
                missing.push(case);
            }
        }
    }
    missing
}

/// The lines of all cases, in their order, by as many threads as there are processors.
fn lines(cases: &[Case]) -> Result<Vec<String>, String> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut made = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(case) = cases.get(index) else { return made };
            made.push((index, case.line()));
        }
    };
    let mut made: Vec<_> = std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    made.sort_by_key(|(index, _)| *index);
    made.into_iter().map(|(_, line)| line).collect()
}

#[test]
fn golden_hashes() {
    let (text, mut cases) = list();
    cases.extend(missing(&cases));
    let lines = lines(&cases).unwrap();
    let got = format!("[\n{}\n]\n", lines.join(",\n"));
    let beside = tests().join("golden.got.json");
    if got == text {
        let _ = std::fs::remove_file(beside);
        return;
    }
    std::fs::write(&beside, got).unwrap();
    let held: BTreeSet<&str> = text.lines().map(|line| line.trim_end_matches(',')).collect();
    let changed: Vec<&str> = lines.iter().map(String::as_str).filter(|line| !held.contains(line)).collect();
    panic!(
        "{} of {} are new or changed; see {}:\n{}",
        changed.len(),
        lines.len(),
        beside.display(),
        changed.join("\n")
    );
}

#[test]
fn no_case_is_listed_twice() {
    let (_, cases) = list();
    let mut seen = BTreeSet::new();
    let twice: Vec<String> =
        cases.iter().filter(|case| !seen.insert(case.identity())).map(Case::name).collect();
    assert!(twice.is_empty(), "{}", twice.join("\n"));
}

#[test]
fn the_list_has_cases_of_every_member_of_a_recipe() {
    let (_, cases) = list();
    assert!(cases.len() >= 220, "only {} cases", cases.len());
    // What this version refuses has no golden bytes: take it in when it is read.
    for member in Recipe::MEMBERS {
        let count = cases.iter().filter(|case| !case.recipe[member].is_null()).count();
        assert!(count >= 6, "{count} cases give `{member}`");
    }
}
