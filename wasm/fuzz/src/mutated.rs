use super::jpeg_maker::make;
use super::script::Script;
use super::{jpeg_scales, rendered};
use roundel::{Crop, Effort, OutputFormat, Recipe};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Changes to one file.
const MOST_CHANGES: usize = 12;

/// Values that are at the edge of something.
const EDGES: [u8; 8] = [0x00, 0x01, 0x7f, 0x80, 0xff, 0xfe, 0x10, 0xd9];

/// All files of a folder of the crate, in the order of their names.
pub fn files(folder: &str) -> Vec<(String, Vec<u8>)> {
    // The crate's own folder, or, from the fuzz crate, the one around.
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = if here.ends_with("fuzz") { here.join("..") } else { here.to_path_buf() };
    let entries = std::fs::read_dir(root.join(folder)).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    paths.sort();
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    paths.iter().filter_map(|path| Some((name(path), std::fs::read(path).ok()?))).collect()
}

fn fixtures() -> &'static [(String, Vec<u8>)] {
    static FIXTURES: OnceLock<Vec<(String, Vec<u8>)>> = OnceLock::new();
    FIXTURES.get_or_init(|| {
        let mut all = files("tests/fixtures");
        all.retain(|(_, bytes)| roundel::Format::sniff(bytes).is_some());
        assert!(all.len() >= 16, "the fixtures are not where they were");
        all
    })
}

/// A good file with a few bytes changed, moved, doubled or cut, as the script says: one of the fixtures, or a JPEG file made by the script,
/// which is then seen at every scale.
pub fn mutated(data: &[u8]) {
    let mut script = Script::new(data);
    if script.byte() >= 0x80 {
        let mut bytes = make(&mut script).file;
        for _ in 0..1 + script.byte() % 4 {
            change(&mut bytes, &mut script);
        }
        jpeg_scales(&bytes);
        return;
    }
    let fixtures = fixtures();
    let (_, whole) = &fixtures[usize::from(script.byte()) % fixtures.len()];
    let style = script.byte();
    let mut bytes = whole.clone();
    for _ in 0..(data.len().saturating_sub(2) / 4).min(MOST_CHANGES) {
        change(&mut bytes, &mut script);
    }
    let side = 1 + u32::from(style >> 3);
    let recipe = Recipe {
        width: side,
        height: 33 - side,
        effort: if style & 1 == 0 { Effort::Best } else { Effort::Fast },
        format: if style & 2 == 0 { OutputFormat::Jpeg } else { OutputFormat::Png },
        crop: (style & 4 != 0).then_some(Crop { x: 7, y: 5, width: 21, height: 30 }),
        ..Recipe::default()
    };
    rendered(&bytes, &recipe);
}

/// A file with a few changes that follow from a seed.
pub fn changed(file: &[u8], seed: u64) -> Vec<u8> {
    let seed = seed.to_le_bytes();
    let mut numbers = Script::new(&seed);
    let choices: Vec<u8> = (0..16).map(|_| numbers.random(256) as u8).collect();
    let mut script = Script::new(&choices);
    let mut bytes = file.to_vec();
    for _ in 0..1 + seed[0] % 4 {
        change(&mut bytes, &mut script);
    }
    bytes
}

/// One change takes four bytes of the script.
fn change(bytes: &mut Vec<u8>, script: &mut Script) {
    let [kind, high, low, value] = std::array::from_fn(|_| script.byte());
    if bytes.is_empty() {
        return;
    }
    // Headers are where the decisions are taken: half of the changes are made among the first bytes.
    let place = usize::from(u16::from_be_bytes([high, low]));
    let at = if kind & 0x80 == 0 { place % bytes.len() } else { place % bytes.len().min(512) };
    let end = bytes.len().min(at + 1 + usize::from(value));
    match kind % 8 {
        0 => bytes[at] = value,
        1 => bytes[at] ^= 1 << (value % 8),
        2 => bytes[at] = EDGES[usize::from(value) % EDGES.len()],
        3 => bytes[at] = bytes[at].wrapping_add(value),
        4 => drop(bytes.drain(at..end)),
        5 => {
            let part = bytes[at..end].to_vec();
            bytes.splice(at..at, part);
        }
        6 => bytes.truncate(at),
        _ => {
            let (_, other) = &fixtures()[usize::from(value) % fixtures().len()];
            let part = &other[at.min(other.len())..other.len().min(at + 64)];
            bytes.splice(at..at, part.iter().copied());
        }
    }
}
