//! The fuzz targets without a fuzzer: over every seed, each a named test, and over many inputs that follow from them by fixed numbers.
//! `npm run fuzz` goes on where this ends. An input that fails is left in the target folder's `tmp`; once mended, it becomes a seed.

#[path = "../fuzz/src/lib.rs"]
mod targets;

use libtest_mimic::{Arguments, Failed, Trial};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};
use targets::{TARGETS, Target, changed, files, made_file, mean_difference};

/// Inputs a target, and the time after which a slow machine is let off.
const INPUTS: u64 = 4_000;
const MOST_TIME: Duration = Duration::from_secs(15);

const CRASHTEST: &str = "../../shared/corpora/jpeg/crashtest/images";

const REFTEST: &str = "../../shared/corpora/jpeg/reftest/images";

/// Of luma, between two decoders that enlarge colour differences in their own ways.
const MOST_DIFFERENCE: f64 = 0.5;

/// Its last bits are in no scan: ours is as djpeg has it, the other decoder makes something else.
const DISPUTED: &str = "partial_progressive.jpg";

/// Targets whose input is a file as it is; the others read scripts.
const ON_FILES: [&str; 3] = ["inspect", "jpeg_scales", "webp_scales"];

/// Runs one input, and keeps it where it fails.
fn held(target: Target, input: &[u8]) -> Result<(), Failed> {
    let (name, run) = target;
    let Err(panic) = catch_unwind(AssertUnwindSafe(|| run(input))) else { return Ok(()) };
    let words = panic.downcast_ref::<String>().map(String::as_str);
    let words = words.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no words");
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-failed"));
    std::fs::write(&kept, input)?;
    if name == "differential" {
        // For other decoders to look at.
        std::fs::write(kept.with_extension("jpg"), made_file(input))?;
    }
    Err(format!("{words}\nthe input, of {} bytes, is in {}", input.len(), kept.display()).into())
}

/// Pictures to begin with: small ones for every branch, those of the other tests, and those that once broke another decoder.
fn pictures() -> Vec<Vec<u8>> {
    let folders =
        ["fuzz/seeds/pictures", "tests/fixtures", CRASHTEST, &format!("{CRASHTEST}/imagetestsuite")];
    let mut all: Vec<Vec<u8>> =
        folders.iter().flat_map(|folder| files(folder)).map(|(_, bytes)| bytes).collect();
    // One change in a large file is seldom seen.
    all.retain(|bytes| bytes.len() < 40_000);
    all
}

/// A number without likeness to its neighbours: splitmix64.
fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// Input number so and so of a target.
fn input(name: &str, pictures: &[Vec<u8>], scripts: &[Vec<u8>], number: u64) -> Vec<u8> {
    let of = |list: &[Vec<u8>]| changed(&list[number as usize % list.len()], number);
    match name {
        "inspect" | "jpeg_scales" | "webp_scales" => of(pictures),
        "recipe" if number.is_multiple_of(3) => of(scripts),
        "recipe" => [RECIPES[number as usize % RECIPES.len()].as_bytes(), b"\n", &of(pictures)].concat(),
        // Of scripts every byte is a decision.
        _ => (0..4).flat_map(|word| mixed(4 * number + word).to_le_bytes()).collect(),
    }
}

const RECIPES: [&str; 4] = [
    r#"{"width":24,"height":17}"#,
    r#"{"width":40,"height":40,"format":"png","effort":"fast","fit":"contain"}"#,
    r#"{"width":9,"height":30,"crop":{"x":1,"y":2,"width":5,"height":6},"rotate":90,"flip":true}"#,
    r##"{"width":16,"height":16,"format":"png","background":"#102030","animate":true}"##,
];

#[expect(clippy::disallowed_methods, reason = "a test may look at the clock to come to an end")]
fn run_many(target: Target) -> Result<(), Failed> {
    let start = Instant::now();
    let (pictures, scripts) = (pictures(), files(&format!("fuzz/seeds/{}", target.0)));
    let is_for = |bytes: &Vec<u8>| target.0 != "webp_scales" || bytes.starts_with(b"RIFF");
    let pictures: Vec<Vec<u8>> = pictures.into_iter().filter(is_for).collect();
    let scripts: Vec<Vec<u8>> = scripts.into_iter().map(|(_, bytes)| bytes).collect();
    for number in 0..INPUTS {
        held(target, &input(target.0, &pictures, &scripts, number))?;
        if start.elapsed() > MOST_TIME {
            break;
        }
    }
    Ok(())
}

/// Our decoder beside another one on files that are good.
fn real_files_agree() -> Result<(), Failed> {
    let compare = |folder: &str| -> Result<usize, Failed> {
        let mut compared = 0;
        for (name, bytes) in files(folder) {
            match mean_difference(&bytes) {
                Some(mean) if mean > MOST_DIFFERENCE && name != DISPUTED => {
                    return Err(format!("{folder}/{name}: luma differs by {mean:.2} in the mean").into());
                }
                Some(_) => compared += 1,
                None => {}
            }
        }
        Ok(compared)
    };
    let ours = compare("tests/fixtures")?;
    if ours < 12 {
        return Err(format!("only {ours} fixtures were compared").into());
    }
    let theirs = compare(REFTEST)?;
    let is_there = Path::new(env!("CARGO_MANIFEST_DIR")).join(REFTEST).is_dir();
    if is_there && theirs < 12 { Err(format!("only {theirs} files were compared").into()) } else { Ok(()) }
}

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for target in TARGETS {
        let own = files(&format!("fuzz/seeds/{}", target.0));
        let shared = if ON_FILES.contains(&target.0) { files("fuzz/seeds/pictures") } else { Vec::new() };
        assert!(!own.is_empty() || !shared.is_empty(), "{} has no seeds", target.0);
        for (name, bytes) in own.into_iter().chain(shared) {
            trials.push(Trial::test(format!("{}: {name}", target.0), move || held(target, &bytes)));
        }
        trials.push(Trial::test(format!("{}: many inputs", target.0), move || run_many(target)));
    }
    trials.push(Trial::test("good files, beside another decoder", real_files_agree));
    libtest_mimic::run(&arguments, trials).exit();
}
