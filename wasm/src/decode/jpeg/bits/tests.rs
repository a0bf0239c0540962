use super::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn all_of(bytes: &[u8]) -> (Vec<u8>, usize) {
    let mut bits = Bits::new(bytes, 0);
    let mut read = Vec::new();
    while !bits.exhausted() {
        bits.prepare();
        let mut cursor = bits.cursor();
        cursor.refill();
        read.push(cursor.take(8) as u8);
        bits.set(cursor.state);
    }
    (read, bits.used())
}

#[test]
fn stuffed_zeros_are_left_out_and_markers_end_the_data() {
    let mut state = 3u32;
    let plain: Vec<u8> = (0..100_000)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            if state >> 29 == 0 { 0xff } else { (state >> 20) as u8 }
        })
        .collect();
    let mut coded: Vec<u8> =
        plain.iter().flat_map(|byte| if *byte == 0xff { vec![0xff, 0] } else { vec![*byte] }).collect();
    let length = coded.len();
    coded.extend([0xff, 0xd9, 1, 2, 3]);
    assert!(all_of(&coded) == (plain, length));
    assert_eq!(all_of(&[]), (vec![], 0));
    assert_eq!(all_of(&[7, 0xff]), (vec![7], 1));
}

#[test]
fn goes_on_after_each_restart_marker() {
    let mut coded = Vec::new();
    for n in 0..9000u32 {
        coded.extend([(n >> 8) as u8 & 0x7f, n as u8 & 0x7f]);
        coded.extend(vec![0x11; n as usize % 5]);
        coded.extend([0xff, 0xd0 + (n % 8) as u8]);
    }
    let mut bits = Bits::new(&coded, 1);
    for n in 0..9000u32 {
        bits.prepare();
        let mut cursor = bits.cursor();
        cursor.refill();
        assert_eq!(cursor.take(16), n & 0x7f7f);
        bits.set(cursor.state);
        assert!(bits.restart(), "{n}");
    }
    assert!(!bits.restart());
}

/// The first byte of each interval; 0: there is none.
fn intervals(coded: &[u8]) -> Vec<u32> {
    let mut bits = Bits::new(coded, 1);
    let mut read = Vec::new();
    loop {
        bits.prepare();
        let mut cursor = bits.cursor();
        cursor.refill();
        read.push(if bits.exhausted() { 0 } else { cursor.take(8) });
        if !bits.restart() {
            return read;
        }
    }
}

#[test]
fn lost_and_stray_markers_cost_no_more_than_their_interval() {
    let right = b"\x10\xff\xd0\x20\xff\xd1\x30\xff\xd2\x40\xff\xd3\x50\xff\xd9";
    assert_eq!(intervals(right), [0x10, 0x20, 0x30, 0x40, 0x50]);
    let lost = b"\x10\xff\xd0\x20\x30\xff\xd2\x40\xff\xd3\x50\xff\xd9";
    assert_eq!(intervals(lost), [0x10, 0x20, 0, 0x40, 0x50]);
    let twice = b"\x10\xff\xd0\x20\xff\xd0\x30\xff\xd1\x40\xff\xd2\x50\xff\xd9";
    assert_eq!(intervals(twice), [0x10, 0x20, 0x40, 0x50]);
    let stray = b"\x10\xff\xd0\xff\x20\x77\xff\xd1\x30\xff\xd2\x40\xff\xd9";
    assert_eq!(intervals(stray), [0x10, 0, 0x30, 0x40]);
}
