//! The blocks of a GIF file, GIF89a specification (CompuServe, 1990): those that are written here.

use super::{Cursor, Foreign};

const EXTENSION: u8 = 0x21;
const IMAGE: u8 = 0x2c;
const TRAILER: u8 = 0x3b;
const CONTROL: u8 = 0xf9;
const APPLICATION: u8 = 0xff;

pub(super) fn check(bytes: &[u8]) -> Result<(), Foreign> {
    let mut cursor = Cursor::new(bytes);
    if cursor.take(6)? != b"GIF89a" {
        return Err(Foreign::new(0, "a GIF of another version"));
    }
    // Width, height, the size of the palette, its background, the shape of its pixels.
    let [_, _, _, _, flags, 0, 0] = cursor.array()? else {
        return Err(Foreign::new(6, "a screen of an unusual form"));
    };
    if flags & 0x88 != 0x80 {
        return Err(Foreign::new(10, "a screen of an unusual form"));
    }
    cursor.take(3 << ((flags & 7) + 1))?;
    let (mut images, mut has_control) = (0, false);
    loop {
        let start = cursor.offset;
        match cursor.array()? {
            [EXTENSION] => match cursor.array()? {
                [CONTROL] if !has_control => {
                    let [4, flags, _, _, _, 0] = cursor.array()? else { return Err(unusual(start)) };
                    if flags & !0x0d != 0 {
                        return Err(unusual(start));
                    }
                    has_control = true;
                }
                [APPLICATION] if images == 0 && !has_control => {
                    if cursor.take(14)? != b"\x0bNETSCAPE2.0\x03\x01" {
                        return Err(Foreign::new(start, "an application extension"));
                    }
                    let [_, _, 0] = cursor.array()? else { return Err(unusual(start)) };
                }
                [0xfe] => return Err(Foreign::new(start, "a comment")),
                _ => return Err(Foreign::new(start, "an extension")),
            },
            [IMAGE] => {
                let [.., 0, 2..=8] = cursor.array::<10>()? else { return Err(unusual(start)) };
                loop {
                    let [length] = cursor.array()?;
                    if length == 0 {
                        break;
                    }
                    cursor.take(length.into())?;
                }
                images += 1;
                has_control = false;
            }
            [TRAILER] if images > 0 && !has_control => return cursor.end(),
            _ => return Err(Foreign::new(start, "a block of an unusual kind")),
        }
    }
}

fn unusual(start: usize) -> Foreign {
    Foreign::new(start, "a block of an unusual form")
}

#[cfg(test)]
mod tests {
    use crate::{OutputFormat, Recipe, check_clean, render};

    fn rendered() -> Vec<u8> {
        let source = include_bytes!("../../tests/fixtures/anim.gif");
        let recipe =
            Recipe { width: 20, height: 20, format: OutputFormat::Gif, animate: true, ..Recipe::default() };
        render(source, &recipe).unwrap().bytes
    }

    #[test]
    fn what_is_made_here_is_clean_and_nothing_else_is() {
        let made = rendered();
        assert_eq!(check_clean(&made), Ok(()));
        let first = made.windows(2).position(|window| window == [0x21, 0xf9]).unwrap();
        let with = |at: usize, block: &[u8]| [&made[..at], block, &made[at..]].concat();
        for (file, found) in [
            (with(first, b"\x21\xfe\x02hi\0"), "a comment"),
            (with(first, b"\x21\xff\x0bXMP DataXMP\x03abc\0"), "an application extension"),
            (with(first, b"\x21\x01\x01a\0"), "an extension"),
            (with(made.len(), b"x"), "bytes after the end"),
            (with(0, b""), ""),
        ] {
            let outcome = check_clean(&file).map_err(|foreign| foreign.found);
            assert_eq!(outcome.err().unwrap_or_default(), found);
        }
        for length in 6..made.len() {
            assert!(check_clean(&made[..length]).is_err(), "{length}");
        }
        assert!(check_clean(include_bytes!("../../tests/fixtures/still.gif")).is_err(), "it has a comment");
    }
}
