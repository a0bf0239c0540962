//! The one thing that a picture needs from EXIF: its orientation. CIPA DC-008 (Exif 2.32), TIFF 6.0 section 2.

use crate::Orientation;

const TAG_ORIENTATION: u16 = 0x0112;
const TYPE_SHORT: u16 = 3;

/// Byte order of a TIFF block.
#[derive(Clone, Copy)]
enum Order {
    Little,
    Big,
}

/// The orientation that a TIFF block (the EXIF data without its `Exif\0\0` header) states in its first directory.
///
/// A block that is damaged, or that states none or an impossible one, leaves the picture as it is stored: cameras
/// and editors write such blocks, and their pictures are shown all the same.
pub(crate) fn orientation(tiff: &[u8]) -> Orientation {
    find(tiff).and_then(Orientation::from_exif).unwrap_or_default()
}

fn find(tiff: &[u8]) -> Option<u16> {
    let order = match tiff.first_chunk::<4>()? {
        b"II*\0" => Order::Little,
        b"MM\0*" => Order::Big,
        _ => return None,
    };
    let directory = usize::try_from(u32_at(tiff, 4, order)?).ok()?;
    let entries = usize::from(u16_at(tiff, directory, order)?);
    let table = tiff.get(directory.checked_add(2)?..)?;
    // Each entry: tag, type, count, then the value itself where it fits into four bytes, left-aligned.
    let (entry, _) = table.as_chunks::<12>();
    entry
        .iter()
        .take(entries)
        .find(|entry| {
            u16_at(*entry, 0, order) == Some(TAG_ORIENTATION) && u16_at(*entry, 2, order) == Some(TYPE_SHORT)
        })
        .and_then(|entry| u16_at(entry, 8, order))
}

fn u16_at(bytes: &[u8], at: usize, order: Order) -> Option<u16> {
    let value = *bytes.get(at..)?.first_chunk()?;
    Some(match order {
        Order::Little => u16::from_le_bytes(value),
        Order::Big => u16::from_be_bytes(value),
    })
}

fn u32_at(bytes: &[u8], at: usize, order: Order) -> Option<u32> {
    let value = *bytes.get(at..)?.first_chunk()?;
    Some(match order {
        Order::Little => u32::from_le_bytes(value),
        Order::Big => u32::from_be_bytes(value),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(order: &[u8; 4], entries: &[[u8; 12]]) -> Vec<u8> {
        let big = order[0] == b'M';
        let number = |value: u16| if big { value.to_be_bytes() } else { value.to_le_bytes() };
        let offset = if big { 8u32.to_be_bytes() } else { 8u32.to_le_bytes() };
        let count = number(u16::try_from(entries.len()).unwrap());
        [order.as_slice(), &offset, &count, entries.as_flattened(), &[0; 4]].concat()
    }

    const BIG: [u8; 12] = [1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0];
    const LITTLE: [u8; 12] = [0x12, 1, 3, 0, 1, 0, 0, 0, 8, 0, 0, 0];

    #[test]
    fn both_byte_orders() {
        assert_eq!(orientation(&block(b"MM\0*", &[[0; 12], BIG])).exif(), 6);
        assert_eq!(orientation(&block(b"II*\0", &[[0; 12], LITTLE])).exif(), 8);
    }

    #[test]
    fn nonsense_leaves_the_picture_as_it_is() {
        let good = block(b"MM\0*", &[BIG]);
        for length in 0..good.len() - 4 - 2 {
            assert_eq!(orientation(&good[..length]).exif(), 1, "cut to {length} bytes");
        }
        let mut impossible = BIG;
        impossible[9] = 9;
        assert_eq!(orientation(&block(b"MM\0*", &[impossible])).exif(), 1);
        assert_eq!(orientation(b"MM\0*\xff\xff\xff\xff").exif(), 1);
        assert_eq!(orientation(b"PNG?\0\0\0\x08").exif(), 1);
    }
}
