//! The blocks of a GIF89a file.

use super::canvas::Place;
use weezl::BitOrder;
use weezl::encode::Encoder;

/// Of a sub-block.
const MOST_BYTES: usize = 255;
/// Hundredths of a second: browsers show what states less for ten times as long.
const LEAST_DELAY: i64 = 2;

/// Signature, screen, palette. `has_transparent`: one more index than colours.
pub(super) fn header(
    to: &mut Vec<u8>,
    (width, height): (usize, usize),
    colors: &[[u8; 3]],
    has_transparent: bool,
) {
    to.extend(b"GIF89a");
    for side in [width, height] {
        to.extend((side as u16).to_le_bytes());
    }
    let indices = colors.len() + usize::from(has_transparent);
    let bits = (1_u8..8).find(|bits| 1 << bits >= indices).unwrap_or(8);
    // A palette for all images, of 2 to the power of its last three bits and one. Its first colour is the background; pixels are square.
    to.extend([0x80 | (bits - 1) << 4 | (bits - 1), 0, 0]);
    to.extend(colors.as_flattened());
    to.extend(std::iter::repeat_n(0, 3 * ((1 << bits) - colors.len())));
}

/// How often it is played, 0: for ever. The Netscape extension counts the times that it is played again; without it there are none.
pub(super) fn plays(to: &mut Vec<u8>, plays: u32) {
    if plays == 1 {
        return;
    }
    let again = u16::try_from(plays.saturating_sub(1)).unwrap_or(u16::MAX);
    to.extend(b"\x21\xff\x0bNETSCAPE2.0\x03\x01");
    to.extend(again.to_le_bytes());
    to.push(0);
}

/// The delay that is nearest, in hundredths of a second. Of nothing, none.
pub(super) fn delay(duration_ms: i64) -> u16 {
    if duration_ms <= 0 {
        return 0;
    }
    ((duration_ms + 5) / 10).clamp(LEAST_DELAY, u16::MAX.into()) as u16
}

/// How the next image is shown.
pub(super) fn control(to: &mut Vec<u8>, delay: u16, transparent: Option<u8>, is_disposed: bool) {
    // What is disposed of becomes transparent again; all else stays.
    let disposal = if is_disposed { 2 } else { 1 };
    let flags = disposal << 2 | u8::from(transparent.is_some());
    let [low, high] = delay.to_le_bytes();
    to.extend([0x21, 0xf9, 4, flags, low, high, transparent.unwrap_or(0), 0]);
}

/// An image, by the palette of the file. `filler` stands in for pixels that are not there, which cannot be.
pub(super) fn image(to: &mut Vec<u8>, place: Place, indices: &[u8], code_bits: u8, filler: u8) {
    to.push(0x2c);
    for number in [place.left, place.top, place.width, place.height] {
        to.extend((number as u16).to_le_bytes());
    }
    to.extend([0, code_bits]);
    let mut codes = Vec::new();
    // Fails for indices beyond the code size only, and the palette has none.
    let is_coded =
        Encoder::new(BitOrder::Lsb, code_bits).into_vec(&mut codes).encode_all(indices).status.is_ok();
    if !is_coded {
        let nothing = vec![filler; indices.len()];
        codes.clear();
        let _ = Encoder::new(BitOrder::Lsb, code_bits).into_vec(&mut codes).encode_all(&nothing);
    }
    for piece in codes.chunks(MOST_BYTES) {
        to.push(piece.len() as u8);
        to.extend(piece);
    }
    to.push(0);
}

pub(super) fn trailer(to: &mut Vec<u8>) {
    to.push(0x3b);
}
