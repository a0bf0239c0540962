//! The chunks of a WebP file, RFC 9649 sections 2.5 to 2.7.

use super::{Cursor, Foreign, named};

const ANIMATION: u8 = 0x02;
const ALPHA: u8 = 0x10;

struct Chunk<'a> {
    start: usize,
    kind: [u8; 4],
    content: &'a [u8],
}

impl Chunk<'_> {
    fn unusual(&self) -> Foreign {
        Foreign::new(self.start, format!("{} of an unusual form", named(self.kind)))
    }
}

/// The next chunk with its padding. `base` is where the cursor's bytes begin in the file.
fn chunk<'a>(cursor: &mut Cursor<'a>, base: usize) -> Result<Chunk<'a>, Foreign> {
    let shifted = |foreign: Foreign| Foreign::new(base + foreign.offset_bytes, foreign.found);
    let start = base + cursor.offset;
    let kind = cursor.array().map_err(shifted)?;
    let length = u32::from_le_bytes(cursor.array().map_err(shifted)?);
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let content = cursor.take(length).map_err(shifted)?;
    if length % 2 != 0 && cursor.array().map_err(shifted)? != [0] {
        return Err(Foreign::new(start, format!("{} with a padding that is not zero", named(kind))));
    }
    Ok(Chunk { start, kind, content })
}

pub(super) fn check(bytes: &[u8]) -> Result<(), Foreign> {
    let mut cursor = Cursor::new(bytes);
    let _riff = cursor.take(4)?;
    let length = usize::try_from(u32::from_le_bytes(cursor.array()?)).unwrap_or(usize::MAX);
    if length != bytes.len() - 8 {
        let (offset, found) = match length.checked_add(8) {
            Some(end) if end < bytes.len() => (end, "bytes after the end"),
            _ => (bytes.len(), "an end too soon"),
        };
        return Err(Foreign::new(offset, found));
    }
    let _webp = cursor.take(4)?;

    let first = chunk(&mut cursor, 0)?;
    match &first.kind {
        b"VP8 " | b"VP8L" => return cursor.end(),
        b"VP8X" => {}
        _ => return Err(Foreign::new(first.start, named(first.kind))),
    }
    // Flags, 24 reserved bits, width and height.
    let [flags, 0, 0, 0, _, _, _, _, _, _] = first.content else { return Err(first.unusual()) };
    if flags & !(ANIMATION | ALPHA) != 0 {
        return Err(first.unusual());
    }
    if flags & ANIMATION == 0 {
        image(&mut cursor, 0)?;
        return cursor.end();
    }
    let background = chunk(&mut cursor, 0)?;
    if background.kind != *b"ANIM" {
        return Err(Foreign::new(background.start, named(background.kind)));
    }
    if background.content.len() != 6 {
        return Err(background.unusual());
    }
    loop {
        let frame = chunk(&mut cursor, 0)?;
        if frame.kind != *b"ANMF" {
            return Err(Foreign::new(frame.start, named(frame.kind)));
        }
        let Some((_head, data)) = frame.content.split_at_checked(16) else { return Err(frame.unusual()) };
        let mut inner = Cursor::new(data);
        image(&mut inner, frame.start + 8 + 16)?;
        if !inner.is_at_end() {
            return Err(Foreign::new(
                frame.start + 8 + 16 + inner.offset,
                "a chunk behind the picture of a frame",
            ));
        }
        if cursor.is_at_end() {
            return Ok(());
        }
    }
}

/// One picture: lossless, or lossy with or without a plane of alpha.
fn image(cursor: &mut Cursor<'_>, base: usize) -> Result<(), Foreign> {
    let first = chunk(cursor, base)?;
    match &first.kind {
        b"VP8 " | b"VP8L" => return Ok(()),
        b"ALPH" => {}
        _ => return Err(Foreign::new(first.start, named(first.kind))),
    }
    let second = chunk(cursor, base)?;
    if second.kind == *b"VP8 " { Ok(()) } else { Err(Foreign::new(second.start, named(second.kind))) }
}
