//! The chunks of a PNG or APNG file. W3C Portable Network Graphics, third edition, clauses 5 and 11.

use super::{Cursor, Foreign, named};

const SIGNATURE_BYTES: usize = 8;

pub(super) fn check(bytes: &[u8]) -> Result<(), Foreign> {
    let mut cursor = Cursor::new(bytes);
    let _signature = cursor.take(SIGNATURE_BYTES)?;
    // Where each kind stands that comes once at most.
    const ONCE: [&[u8; 4]; 7] = [b"IHDR", b"sRGB", b"gAMA", b"PLTE", b"tRNS", b"acTL", b"IEND"];
    let mut seen = [false; ONCE.len()];
    let (mut is_first, mut has_pixels) = (true, false);
    loop {
        let start = cursor.offset;
        let length = usize::try_from(u32::from_be_bytes(cursor.array()?)).unwrap_or(usize::MAX);
        let checked = cursor;
        let kind = cursor.array::<4>()?;
        let is_possible = match &kind {
            b"IHDR" => is_first && length == 13,
            b"sRGB" => !has_pixels && length == 1,
            b"gAMA" => !has_pixels && length == 4,
            b"PLTE" => !has_pixels && length % 3 == 0 && (3..=768).contains(&length),
            b"tRNS" => !has_pixels && (1..=256).contains(&length),
            b"acTL" => !has_pixels && length == 8,
            b"fcTL" => length == 26,
            b"IDAT" => true,
            b"fdAT" => has_pixels && length >= 4,
            b"IEND" => has_pixels && length == 0,
            _ => return Err(Foreign::new(start, named(kind))),
        };
        let is_again =
            ONCE.iter().zip(&mut seen).any(|(once, seen)| **once == kind && std::mem::replace(seen, true));
        if !is_possible || is_again || is_first && kind != *b"IHDR" {
            return Err(Foreign::new(start, format!("{} of an unusual form", named(kind))));
        }
        let _content = cursor.take(length)?;
        let covered = checked.rest().get(..4 + length).unwrap_or_default();
        if u32::from_be_bytes(cursor.array()?) != crc32(covered) {
            return Err(Foreign::new(start, format!("{} with a wrong checksum", named(kind))));
        }
        is_first = false;
        has_pixels |= kind == *b"IDAT";
        if kind == *b"IEND" {
            return cursor.end();
        }
    }
}

/// The checksum of chunks: ISO 3309, as in clause 5.5 and annex D of the PNG specification.
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut byte = 0;
        while byte < 256 {
            let mut rest = byte as u32;
            let mut bit = 0;
            while bit < 8 {
                rest = if rest & 1 != 0 { rest >> 1 ^ 0xedb8_8320 } else { rest >> 1 };
                bit += 1;
            }
            table[byte] = rest;
            byte += 1;
        }
        table
    };
    !bytes.iter().fold(u32::MAX, |crc, byte| crc >> 8 ^ TABLE[((crc ^ u32::from(*byte)) & 0xff) as usize])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_specification() {
        // The check value of CRC-32/ISO-HDLC, and the IEND chunk that ends every PNG file.
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b"IEND"), 0xae42_6082);
    }
}
