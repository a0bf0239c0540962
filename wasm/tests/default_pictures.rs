//! Default pictures from outside: the same bytes everywhere, and their bounds.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use roundel::{DefaultPicture, DefaultPictureKind, OutputFormat, default_picture};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::path::Path;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The list that the npm package is held against too: options, SHA-256 of the file, and of its red, green and blue samples where it is lossless: these
/// stay as they are when an encoder changes.
#[test]
fn golden_hashes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let text = std::fs::read_to_string(folder.join("default-pictures.json")).unwrap();
    let wanted: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    assert!(wanted.len() >= 30, "only {} cases", wanted.len());
    let mut got = String::from("[\n");
    for (index, case) in wanted.iter().enumerate() {
        let options: DefaultPicture = serde_json::from_value(case["options"].clone()).unwrap();
        let made = default_picture(&options).unwrap();
        let mut line = serde_json::json!({ "options": case["options"], "sha256": made.sha256_hex() });
        if made.format == OutputFormat::Png {
            let pixels = image::load_from_memory(&made.bytes).unwrap().into_rgb8();
            line["pixels"] = hex(&Sha256::digest(pixels.as_raw())).into();
        }
        let comma = if index + 1 < wanted.len() { "," } else { "" };
        writeln!(got, "{line}{comma}").unwrap();
    }
    got.push_str("]\n");
    let beside = folder.join("default-pictures.got.json");
    if got == text {
        let _ = std::fs::remove_file(beside);
        return;
    }
    std::fs::write(&beside, got).unwrap();
    panic!("other bytes than before; see {}", beside.display());
}

fn sized(width: u32, height: u32) -> DefaultPicture {
    DefaultPicture {
        name: "Ada Lovelace".into(),
        seed: "7".into(),
        width,
        height,
        ..DefaultPicture::default()
    }
}

#[test]
fn every_size_of_a_recipe_is_one_of_a_default_picture() {
    let kinds = [DefaultPictureKind::Initials, DefaultPictureKind::Identicon];
    for (width, height) in [(1, 1), (1, 4096), (4096, 1), (3, 2), (1500, 500), (500, 1500), (4096, 4096)] {
        for kind in kinds {
            let made =
                default_picture(&DefaultPicture { kind, format: OutputFormat::Jpeg, ..sized(width, height) })
                    .unwrap();
            let info = roundel::inspect(&made.bytes).unwrap();
            assert_eq!((made.width, made.height, info.width, info.height), (width, height, width, height));
            assert!(!made.thumbhash.is_empty());
        }
    }
}

#[test]
fn what_is_out_of_range_is_refused_by_name() {
    for (options, field) in [
        (sized(0, 256), "width"),
        (sized(256, 4097), "height"),
        (sized(4097, 256), "width"),
        (DefaultPicture { quality: 0, ..sized(8, 8) }, "quality"),
        (DefaultPicture { quality: 101, ..sized(8, 8) }, "quality"),
    ] {
        let error = default_picture(&options).unwrap_err();
        assert_eq!(error.code(), "bad_recipe");
        assert!(error.to_string().contains(field), "{error}");
    }
}

#[test]
fn the_seed_decides_the_colour_and_the_name_the_letters() {
    let picture = |seed: &str, name: &str| {
        let options = DefaultPicture { name: name.into(), seed: seed.into(), ..sized(64, 64) };
        default_picture(&options).unwrap().sha256
    };
    assert_eq!(picture("1", "Ada Lovelace"), picture("1", "Anna Lind"));
    assert_ne!(picture("1", "Ada Lovelace"), picture("1", "Grace Hopper"));
    assert_ne!(picture("1", "Ada Lovelace"), picture("2", "Ada Lovelace"));
    assert_eq!(picture("1", ""), picture("1", "山田 太郎"));
}

#[test]
fn the_list_of_members_is_the_struct_s_own() {
    let error = serde_json::from_str::<DefaultPicture>(r#"{"?":0}"#).unwrap_err().to_string();
    let listed = DefaultPicture::MEMBERS.map(|name| format!("`{name}`")).join(", ");
    assert!(error.contains(&listed), "{error}");
}
