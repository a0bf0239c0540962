//! The boxes of a file: ISO/IEC 14496-12 section 4.2.

use crate::inspect::reader::Reader;

/// One box, without its header.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found<'a> {
    pub(super) kind: [u8; 4],
    pub(super) content: &'a [u8],
}

/// What ends a row of boxes before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// The bytes end before the box does.
    Cut,
    /// What follows is no box.
    Size,
}

/// The boxes that lie in a row; after a flaw there are no more.
pub(super) fn boxes(bytes: &[u8]) -> Boxes<'_> {
    Boxes { rest: Reader::new(bytes) }
}

pub(super) struct Boxes<'a> {
    rest: Reader<'a>,
}

impl<'a> Boxes<'a> {
    fn read(&mut self) -> Result<Found<'a>, Flaw> {
        let whole = self.rest.rest();
        let size = self.rest.u32().ok_or(Flaw::Cut)?;
        let kind = *self.rest.take(4).and_then(<[u8]>::first_chunk).ok_or(Flaw::Cut)?;
        let size = match size {
            0 => whole.len() as u64,
            1 => {
                let (high, low) = (self.rest.u32().ok_or(Flaw::Cut)?, self.rest.u32().ok_or(Flaw::Cut)?);
                u64::from(high) << 32 | u64::from(low)
            }
            size => size.into(),
        };
        let header = whole.len() - self.rest.rest().len();
        let content = size.checked_sub(header as u64).ok_or(Flaw::Size)?;
        let content = usize::try_from(content).ok().and_then(|length| self.rest.take(length));
        Ok(Found { kind, content: content.ok_or(Flaw::Cut)? })
    }
}

impl<'a> Iterator for Boxes<'a> {
    type Item = Result<Found<'a>, Flaw>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.rest().is_empty() {
            return None;
        }
        let found = self.read();
        if found.is_err() {
            self.rest = Reader::new(&[]);
        }
        Some(found)
    }
}

/// The content of the first box of a kind.
pub(super) fn find<'a>(bytes: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    boxes(bytes).flatten().find(|found| found.kind == *kind).map(|found| found.content)
}

/// The version of a full box (section 4.2.2), and what comes after its flags.
pub(super) fn full(content: &[u8]) -> Option<(u8, Reader<'_>)> {
    let mut reader = Reader::new(content);
    let version = reader.u8()?;
    reader.take(3)?;
    Some((version, reader))
}
