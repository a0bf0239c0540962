//! The same bytes everywhere: `golden.json` lists pictures, recipes and the SHA-256 of what must come out. The npm package
//! and the worker are held against the same list. After an intended change: look at the new pictures, then replace
//! `golden.json` by the `golden.got.json` that a failing run leaves beside it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use roundel::{Recipe, render};
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::Path;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

#[test]
fn golden_hashes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let wanted: Vec<Value> =
        serde_json::from_slice(&std::fs::read(folder.join("golden.json")).unwrap()).unwrap();
    assert!(wanted.len() >= 40, "only {} cases", wanted.len());

    let got: Vec<Value> = wanted
        .iter()
        .map(|case| {
            let photo = std::fs::read(folder.join("fixtures").join(case["input"].as_str().unwrap())).unwrap();
            let recipe: Recipe = serde_json::from_value(case["recipe"].clone()).unwrap();
            let rendered = render(&photo, &recipe).unwrap();
            let (sha256, thumbhash) = (rendered.sha256_hex(), hex(&rendered.thumbhash));
            json!({ "input": case["input"], "recipe": case["recipe"], "sha256": sha256, "thumbhash": thumbhash })
        })
        .collect();

    let beside = folder.join("golden.got.json");
    if got == wanted {
        let _ = std::fs::remove_file(beside);
        return;
    }
    let lines: Vec<String> = got.iter().map(Value::to_string).collect();
    std::fs::write(&beside, format!("[\n{}\n]\n", lines.join(",\n"))).unwrap();
    let changed: Vec<_> =
        wanted.iter().zip(&got).filter(|(w, g)| w != g).map(|(w, _)| w.to_string()).collect();
    panic!("{} of {} changed; see {}:\n{}", changed.len(), got.len(), beside.display(), changed.join("\n"));
}
