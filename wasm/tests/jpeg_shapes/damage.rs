//! What is wrong in a file, or missing, and how much of the picture that costs.

use super::*;

/// Places of the restart markers.
fn restarts(bytes: &[u8]) -> Vec<usize> {
    let scan = find(bytes, 0xda).end;
    (scan..bytes.len() - 1)
        .filter(|at| bytes[*at] == 0xff && (0xd0..=0xd7).contains(&bytes[at + 1]))
        .collect()
}

/// How many pixels differ.
fn changed(a: &RgbImage, b: &RgbImage) -> usize {
    a.pixels().zip(b.pixels()).filter(|(a, b)| a != b).count()
}

#[test]
fn a_wrong_restart_marker_costs_one_interval() {
    let file = shape("restart-1");
    let (whole, places) = (picture(&file), restarts(&file));
    assert_eq!(places.len(), 6 * 4 - 1, "an MCU each");
    // An MCU of 16 x 16 pixels, and what the filter for chroma takes to its neighbours.
    let one = 16 * 16 + 4 * 16 * 6 + 4 * 6 * 6;
    for place in places.iter().copied() {
        let lost = [&file[..place], &file[place + 2..]].concat();
        let count = changed(&picture(&lost), &whole);
        assert!((1..=one).contains(&count), "{place} is lost: {count} pixels");
        let twice = inserted(&file, place, &file[place..place + 2]);
        let count = changed(&picture(&twice), &whole);
        assert!(count <= one, "{place} stands twice: {count} pixels");
        let mut renamed = file.clone();
        renamed[place + 1] ^= 4;
        assert_eq!(
            changed(&picture(&renamed), &whole),
            0,
            "{place} has another number: it is where it should be"
        );
    }
    let mut stray = file.clone();
    let place = places[7] + 2;
    stray[place..place + 2].copy_from_slice(&[0xff, 0x20]);
    let count = changed(&picture(&stray), &whole);
    assert!((1..=one).contains(&count), "{count} pixels");
}

#[test]
fn a_component_may_come_twice() {
    let file = shape("scans-one-scan-a-component");
    let scans: Vec<Range<usize>> =
        segments(&file).into_iter().filter(|(marker, _)| *marker == 0xda).map(|(_, range)| range).collect();
    let tables =
        segments(&file).into_iter().rfind(|(marker, range)| *marker == 0xc4 && range.end <= scans[1].start);
    let end = tables
        .filter(|(_, range)| range.start > scans[0].start)
        .map_or(scans[1].start, |(_, range)| range.start);
    let twice = inserted(&file, end, &file[scans[0].start..end]);
    assert_eq!(picture(&twice), picture(&file));
}

#[test]
fn more_than_ten_blocks_in_an_mcu_are_refused() {
    let mut file = shape("sampling-444");
    let frame = find(&file, 0xc0).start;
    for nth in 0..3 {
        file[frame + 11 + 3 * nth] = 0x22;
    }
    assert_eq!(render(&file, &Recipe::default()).unwrap_err().code(), "malformed");
    file[frame + 11] = 0x51;
    assert_eq!(detail(&file).0, "malformed");
}

#[test]
fn a_file_without_huffman_tables_means_the_typical_ones() {
    let file = shape("restart-1");
    assert_eq!(picture(&without(&file, 0xc4)), picture(&file));
    let progressive = without(&shape("restart-1-progressive"), 0xc4);
    assert_eq!(render(&progressive, &Recipe::default()).unwrap_err().code(), "malformed");
}

#[test]
fn a_file_without_quantisers_is_refused() {
    for name in ["restart-1", "restart-1-progressive"] {
        let error = render(&without(&shape(name), 0xdb), &Recipe::default()).unwrap_err();
        assert_eq!(error.code(), "malformed");
        assert!(error.to_string().contains("DQT"), "{error}");
    }
}

#[test]
fn a_segment_may_be_empty_but_not_shorter() {
    let file = shape("sampling-420");
    for marker in [0xe0, 0xe1, 0xe2, 0xee, 0xfe, 0xdb, 0xc4] {
        let empty = inserted(&file, 2, &[0xff, marker, 0, 2]);
        assert_eq!(picture(&empty), picture(&file), "{marker:#x}");
        for length in [0, 1] {
            let shorter = inserted(&file, 2, &[0xff, marker, 0, length]);
            assert_eq!(detail(&shorter).0, "malformed", "{marker:#x}");
        }
    }
}

#[test]
fn components_of_one_name_are_told_by_their_order() {
    let mut file = shape("sampling-420");
    let (frame, scan) = (find(&file, 0xc0).start, find(&file, 0xda).start);
    let whole = picture(&file);
    for nth in 0..3 {
        file[frame + 10 + 3 * nth] = 7;
        file[scan + 5 + 2 * nth] = 7;
    }
    assert_eq!(picture(&file), whole);
}
