//! Deflate streams in their zlib frame, by the crate `miniz_oxide`. RFC 1950, RFC 1951.

use miniz_oxide::deflate::core::{
    CompressorOxide, TDEFLFlush, TDEFLStatus, compress_to_output, deflate_flags,
};

/// How what has been before is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Search {
    /// Only runs of one byte.
    Runs,
    /// The longest of so many places with the same three bytes.
    Matches { probes: u16 },
}

impl Search {
    fn flags(self) -> u32 {
        let how = match self {
            Self::Runs => 1 | deflate_flags::TDEFL_RLE_MATCHES,
            Self::Matches { probes } => u32::from(probes),
        };
        how | deflate_flags::TDEFL_WRITE_ZLIB_HEADER
    }
}

/// Deflates what is written into it and gives the stream, part by part, to a function that says whether it goes on.
pub(super) struct Deflate<Take: FnMut(&[u8]) -> bool> {
    compressor: Box<CompressorOxide>,
    take: Take,
}

impl<Take: FnMut(&[u8]) -> bool> Deflate<Take> {
    pub(super) fn new(search: Search, take: Take) -> Self {
        Self { compressor: Box::new(CompressorOxide::new(search.flags())), take }
    }

    /// Whether it goes on.
    pub(super) fn write(&mut self, bytes: &[u8]) -> bool {
        let (status, _) = compress_to_output(&mut self.compressor, bytes, TDEFLFlush::None, &mut self.take);
        status == TDEFLStatus::Okay
    }

    /// Whether the stream is whole.
    pub(super) fn finish(mut self) -> bool {
        let (status, _) = compress_to_output(&mut self.compressor, &[], TDEFLFlush::Finish, &mut self.take);
        status == TDEFLStatus::Done
    }
}
