use super::*;

/// Inputs a target.
const INPUTS: u64 = 4_000;

/// A number without likeness to its neighbours: splitmix64.
fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// The seed with one to four pieces changed, cut, doubled or put in.
fn changed(seed: &[u8], mut number: u64) -> Vec<u8> {
    const WORDS: [&[u8]; 28] = [
        b"\"",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b".",
        b"=",
        b"null",
        b"-",
        b"1e9",
        b"\\u0000",
        b"A",
        b"\xff",
        b"\"kid\":\"\",",
        b"<",
        b"/>",
        b"&amp;",
        b"/",
        b"%2e",
        b"..",
        b"\r\n",
        b"\n",
        b"*",
        b"W/",
        b"18446744073709551615",
        b";q=0.5",
    ];
    let mut bytes = seed.to_vec();
    let mut next = |below: usize| {
        number = mixed(number);
        (number % below.max(1) as u64) as usize
    };
    for _ in 0..=next(4) {
        let at = next(bytes.len() + 1);
        let end = (at + 1 + next(8)).min(bytes.len());
        match next(4) {
            0 if at < bytes.len() => bytes[at] ^= 1 << next(8),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => drop(bytes.splice(at..at, WORDS[next(WORDS.len())].iter().copied())),
        }
    }
    bytes
}

pub(crate) fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let entries = std::fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

#[test]
fn no_input_near_a_good_one_breaks_a_promise() {
    for (name, target) in TARGETS {
        let seeds = seeds(name);
        assert!(seeds.len() >= 2, "{name}");
        for number in 0..INPUTS {
            let seed = &seeds[number as usize % seeds.len()];
            if (number as usize) < seeds.len() {
                target(seed);
            }
            target(&changed(seed, number));
        }
    }
}

/// A target that refuses all its seeds would look at nothing but its refusals.
#[test]
fn the_seeds_are_good() {
    use crate::kind::Kind;
    use crate::publish::{keys, pointer::Pointer};
    use crate::storage::answer;
    let good = |target: &str, is_good: fn(&[u8]) -> bool| {
        let seeds = seeds(target);
        seeds.iter().filter(|seed| is_good(seed)).count()
    };
    let first_line =
        |seed: &[u8]| String::from_utf8(seed.split(|byte| *byte == b'\n').next().unwrap().to_vec());
    assert_eq!(
        good("event", |seed| crate::routes::hooks::upload_of(seed, "uploads").is_ok_and(|of| of.is_some())),
        2
    );
    assert_eq!(good("key_upload", |seed| crate::routes::uploads::parse(seed, 1_000).is_ok()), 2);
    assert_eq!(good("listing", |seed| answer::page(seed).is_ok()), 2);
    assert_eq!(good("listing", |seed| answer::error_code(seed).is_some()), 1);
    assert_eq!(good("pointer", |seed| Pointer::parse(seed).is_some()), 3);
    let keys = seeds("object_key");
    assert_eq!(
        keys.iter().filter(|seed| keys::parse_upload(&first_line(seed).unwrap()).is_some()).count(),
        2
    );
    assert_eq!(
        keys.iter()
            .filter(|seed| first_line(seed).unwrap().starts_with(&keys::rejected(Kind::Avatar.folder())))
            .count(),
        1
    );
    for seed in seeds("route") {
        let text = String::from_utf8(seed).unwrap();
        let (method, target) = text.split_once(' ').unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        assert!(crate::route::route(method, path, query).is_ok(), "{text}");
    }
}
