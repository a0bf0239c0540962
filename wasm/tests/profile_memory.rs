//! What a profile may cost. Alone in its file: the allocator that counts belongs to the whole process.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use peak_alloc::PeakAlloc;
use roundel::{ColorSpace, inspect};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The largest profile that is read, twice while its buffer grows, and a little.
const MOST_BYTES: usize = 9 << 20;

fn peak_bytes(photo: &[u8]) -> usize {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    assert_eq!(inspect(photo).unwrap().color_space, ColorSpace::Srgb);
    MEMORY.peak_usage() - before
}

#[test]
fn no_profile_takes_more_than_a_profile_may_have() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/");
    let png = std::fs::read(format!("{folder}text-exif-8.png")).unwrap();
    // Half a gigabyte of zeros, in half a megabyte; checksums are left to the decoder.
    let zeros = fdeflate::compress_to_vec(&vec![0; 512 << 20]);
    let chunk = [b"name\0\0".as_slice(), &zeros].concat();
    let length = u32::try_from(chunk.len()).unwrap().to_be_bytes();
    let bomb = [&png[..33], &length, b"iCCP", &chunk, &[0; 4], &png[33..]].concat();
    let peak = peak_bytes(&bomb);
    assert!(peak < MOST_BYTES, "{peak}");

    let jpeg = std::fs::read(format!("{folder}exif-1.jpg")).unwrap();
    let segment = |number: u8, count: u8| {
        let header = [b"\xff\xe2\xff\xff".as_slice(), b"ICC_PROFILE\0", &[number, count]].concat();
        [header, vec![0; 65_533 - 14]].concat()
    };
    // 255 chunks of 64 KiB, and as many as a file of 40 MiB can have.
    for count in [255, 640] {
        let segments: Vec<u8> = (1..=count).flat_map(|number| segment(number as u8, 255)).collect();
        let peak = peak_bytes(&[&jpeg[..2], &segments, &jpeg[2..]].concat());
        assert!(peak < MOST_BYTES, "{count} chunks: {peak}");
    }
}
