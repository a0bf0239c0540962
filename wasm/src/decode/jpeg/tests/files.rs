//! Every file that libjpeg-turbo reads without a word, of our fixtures and of `../shared` beside the checkout, where that is there: one test a
//! file.

use super::progressive::MEAN_SQUARE;
use super::*;
use definition::Reduction;
use std::path::PathBuf;

/// Where a progressive file leaves bits out, that program guesses them from the neighbours.
const SMOOTHED: &str = "scans-progressive-coarse.jpg";
/// Files that nobody here wrote.
const SHARED: &str = "../../shared";

fn below(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The samples of all planes at all four scales.
///
/// At 8/8 and at 1/8 they are libjpeg's, exactly. Between these libjpeg takes the mean of the full block, and we its low frequencies: how far
/// that is from each other depends on the picture, so there the definition is what counts, made of libjpeg's own samples at 8/8.
fn conforms(path: &str) {
    let is_missing = path.starts_with(SHARED) && !below(SHARED).exists();
    if !djpeg::is_installed() || is_missing {
        return;
    }
    let bytes = std::fs::read(below(path)).unwrap();
    let is_progressive = frame(&bytes).unwrap().is_progressive;
    let mut whole = Vec::new();
    for scale in [8, 4, 2, 1] {
        for (index, theirs) in djpeg::planes(&bytes, scale).unwrap().into_iter().enumerate() {
            let ours = planes(&bytes, theirs.side).unwrap().rows.swap_remove(index).concat();
            assert_eq!(ours.len(), theirs.samples.len(), "component {index} at {scale}/8");
            let largest = ours.iter().zip(&theirs.samples).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0);
            let allowed = match theirs.side {
                4 => 80,
                2 => 40,
                _ => 0,
            };
            assert!(largest <= allowed, "component {index} at {scale}/8: {largest}");
            if scale == 8 {
                whole.push(theirs);
            }
        }
    }
    for side in [4, 2, 1] {
        let ours = planes(&bytes, side).unwrap();
        for (index, whole) in whole.iter().enumerate() {
            let what = format!("component {index} at {side}/8");
            as_defined(whole, &ours.rows[index], side, is_progressive, &what);
        }
    }
}

/// Holds each block that lies within the picture, and whose samples were not cut off at black or white, against the definition.
/// Of a progressive file the last bits may be left open at 2/8.
fn as_defined(whole: &djpeg::Plane, ours: &[Vec<u8>], side: u8, leaves_open: bool, what: &str) {
    let (side, reduction) = (usize::from(side), Reduction::to(side.into()));
    let (mut squares, mut count, mut largest) = (0.0, 0u64, 0f64);
    let rows: Vec<&[u8]> = whole.samples.chunks_exact(whole.width).collect();
    for (y, rows) in rows.as_chunks::<8>().0.iter().enumerate() {
        for x in 0..whole.width / 8 {
            let block = rows.map(|row| std::array::from_fn(|column| row[x * 8 + column]));
            if block.as_flattened().iter().any(|sample| matches!(sample, 0 | 255)) {
                continue;
            }
            let wanted = reduction.of(&block.map(|row: [u8; 8]| row.map(f64::from)));
            for (wanted, ours) in wanted.iter().zip(&ours[y * side..]) {
                for (wanted, ours) in wanted.iter().zip(&ours[x * side..]) {
                    let difference = (wanted.clamp(0.0, 255.0) - f64::from(*ours)).abs();
                    largest = largest.max(difference);
                    (squares, count) = (squares + difference * difference, count + 1);
                }
            }
        }
    }
    let mean_square = squares / count.max(1) as f64;
    // Both were rounded, libjpeg's samples before and ours after.
    let allowed = reduction.spread(0.51) + 0.51;
    if leaves_open && side == 2 {
        // What is left open, and half a squared step for both roundings.
        assert!(mean_square <= MEAN_SQUARE as f64 + 0.5, "{what}: {mean_square} squared");
    } else {
        assert!(largest <= allowed, "{what}: {largest} of {allowed}");
    }
}

macro_rules! files {
    ($($folder:ident $path:literal { $($name:ident $file:literal,)* })*) => {
        $(mod $folder {
            $(#[test]
            fn $name() {
                super::conforms(concat!($path, "/", $file));
            })*
        })*

        const NAMED: &[&str] = &[$($(concat!($path, "/", $file),)*)*];
    };
}

files! {
    fixtures "tests/fixtures" {
        portrait "portrait.jpg",
        progressive "progressive.jpg",
        restart "restart.jpg",
        gray "gray.jpg",
        exif_1 "exif-1.jpg",
    }
    shapes "tests/fixtures/jpeg" {
        gray_2x2 "gray-2x2.jpg",
        restart_1_progressive "restart-1-progressive.jpg",
        quantisers_16 "quantisers-16.jpg",
        restart_1 "restart-1.jpg",
        rgb "rgb.jpg",
        sampling_141 "sampling-141.jpg",
        sampling_311 "sampling-311.jpg",
        sampling_410 "sampling-410.jpg",
        sampling_411 "sampling-411.jpg",
        sampling_420 "sampling-420.jpg",
        sampling_422 "sampling-422.jpg",
        sampling_440 "sampling-440.jpg",
        sampling_444 "sampling-444.jpg",
        sampling_chroma_finer "sampling-chroma-finer.jpg",
        sampling_mixed_21_12 "sampling-mixed-21-12.jpg",
        sampling_mixed_22_21_12 "sampling-mixed-22-21-12.jpg",
        scans_chroma_first "scans-chroma-first.jpg",
        scans_one_scan_a_component "scans-one-scan-a-component.jpg",
        scans_progressive_bands_backwards "scans-progressive-bands-backwards.jpg",
        scans_progressive_deep "scans-progressive-deep.jpg",
        scans_progressive_partly_refined "scans-progressive-partly-refined.jpg",
    }
    crashtest "../../shared/corpora/jpeg/crashtest/images" {
        multiple_0xff_before_eoi "multiple-0xff-before-eoi.jpg",
    }
    imagetestsuite "../../shared/corpora/jpeg/crashtest/images/imagetestsuite" {
        n316be81dfdeeb942e904feb3a77f4f83 "316be81dfdeeb942e904feb3a77f4f83.jpg",
        n3976a754ef0aca80e84e2c403d714579 "3976a754ef0aca80e84e2c403d714579.jpg",
        n865db3dd2d380626f16b6f9dc6d62dba "865db3dd2d380626f16b6f9dc6d62dba.jpg",
        d22db5be7594c17a18a047ca9264ea0a "d22db5be7594c17a18a047ca9264ea0a.jpg",
    }
    icc "../../shared/corpora/jpeg/icc" {
        icc_chunk_count_mismatch "icc_chunk_count_mismatch.jpeg",
        icc_chunk_double_seq_no "icc_chunk_double_seq_no.jpeg",
        icc_chunk_order "icc_chunk_order.jpeg",
        icc_chunk_seq_no_0 "icc_chunk_seq_no_0.jpeg",
        icc_missing_chunk "icc_missing_chunk.jpeg",
    }
    reftest "../../shared/corpora/jpeg/reftest/images" {
        n16bit_qtables "16bit-qtables.jpg",
        blank_800x280 "blank_800x280.jpg",
        grayscale_16x24_sampling2x2 "grayscale_16x24_sampling2x2.jpg",
        grayscale_24x16_sampling2x2 "grayscale_24x16_sampling2x2.jpg",
        grayscale_large "grayscale_large.jpg",
        grayscale_long "grayscale_long.jpg",
        grayscale_square "grayscale_square.jpg",
        non_interleaved_mcu "non-interleaved-mcu.jpg",
        progressive_missing_ac "progressive-missing-ac.jpg",
        progressive3 "progressive3.jpg",
        restarts "restarts.jpg",
        rgb "rgb.jpg",
    }
    mozilla "../../shared/corpora/jpeg/reftest/images/mozilla" {
        jpg_gray "jpg-gray.jpg",
        jpg_progressive "jpg-progressive.jpg",
        jpg_size_15x15 "jpg-size-15x15.jpg",
        jpg_size_16x16 "jpg-size-16x16.jpg",
        jpg_size_17x17 "jpg-size-17x17.jpg",
        jpg_size_1x1 "jpg-size-1x1.jpg",
        jpg_size_2x2 "jpg-size-2x2.jpg",
        jpg_size_31x31 "jpg-size-31x31.jpg",
        jpg_size_32x32 "jpg-size-32x32.jpg",
        jpg_size_33x33 "jpg-size-33x33.jpg",
        jpg_size_3x3 "jpg-size-3x3.jpg",
        jpg_size_4x4 "jpg-size-4x4.jpg",
        jpg_size_5x5 "jpg-size-5x5.jpg",
        jpg_size_7x7 "jpg-size-7x7.jpg",
        jpg_size_8x8 "jpg-size-8x8.jpg",
        jpg_size_9x9 "jpg-size-9x9.jpg",
        jpg_srgb_icc "jpg-srgb-icc.jpg",
    }
    photos "../../shared/photos" {
        exif_1 "exif-1.jpg",
        exif_2 "exif-2.jpg",
        exif_3 "exif-3.jpg",
        exif_4 "exif-4.jpg",
        exif_5 "exif-5.jpg",
        exif_6 "exif-6.jpg",
        exif_7 "exif-7.jpg",
        exif_8 "exif-8.jpg",
        olympus_12mp_dri "olympus-12mp-dri.jpg",
        pixel_12mp_prog "pixel-12mp-prog.jpg",
        pixel_12mp "pixel-12mp.jpg",
        sharp_6mp "sharp-6mp.jpg",
        unsplash_12mp_prog "unsplash-12mp-prog.jpg",
        unsplash_12mp "unsplash-12mp.jpg",
    }
}

#[test]
fn every_file_has_its_test() {
    if !djpeg::is_installed() {
        return;
    }
    let mut folders: Vec<PathBuf> = ["tests/fixtures/jpeg"].into_iter().map(below).collect();
    if below(SHARED).exists() {
        folders.extend(["../../shared/photos", "../../shared/corpora/jpeg"].map(below));
    }
    let named: Vec<PathBuf> = NAMED.iter().map(|path| below(path)).collect();
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let file = entry.unwrap().path();
            if file.is_dir() {
                folders.push(file);
            } else if file.extension().is_some_and(|kind| kind == "jpg" || kind == "jpeg") {
                seen += 1;
                let is_read = || djpeg::planes(&std::fs::read(&file).unwrap(), 1).is_ok();
                assert!(
                    named.contains(&file) || file.ends_with(SMOOTHED) || !is_read(),
                    "{} has no test",
                    file.display()
                );
            }
        }
    }
    assert_eq!(seen, if below(SHARED).exists() { 25 + 178 } else { 25 });
}
