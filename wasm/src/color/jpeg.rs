//! The ICC profile of a JPEG file, in pieces: ICC.1:2022 annex B.4.

use super::{Channels, Profile, icc};

/// `ICC_PROFILE`, the number of the chunk from 1 on, how many there are, and the chunk.
const SIGNATURE: &[u8] = b"ICC_PROFILE\0";

/// The chunks of a file, as they come.
#[derive(Debug, Default)]
pub(crate) struct IccChunks<'a> {
    chunks: Vec<Chunk<'a>>,
}

#[derive(Debug, Clone, Copy)]
struct Chunk<'a> {
    number: u8,
    count: u8,
    data: &'a [u8],
}

impl<'a> IccChunks<'a> {
    /// Takes the parameters of an APP2 segment; `false`: they are nothing of a profile.
    pub(crate) fn take(&mut self, segment: &'a [u8]) -> bool {
        let Some(chunk) = segment.strip_prefix(SIGNATURE) else { return false };
        // Chunks are numbered by a byte. One too many spoils the sequence, further ones need not be kept.
        if self.chunks.len() <= usize::from(u8::MAX) {
            let [number, count, data @ ..] = chunk else {
                self.chunks.push(Chunk { number: 0, count: 0, data: &[] });
                return true;
            };
            self.chunks.push(Chunk { number: *number, count: *count, data });
        }
        true
    }

    /// The profile. `None`: there is none, a chunk is missing or there twice, or the chunks disagree on how many there are.
    pub(crate) fn profile(mut self, picture: Channels) -> Option<Profile> {
        // There are few, and they are mostly in order. The standard library's sort would add kilobytes to the wasm.
        for sorted in 1..self.chunks.len() {
            let place =
                self.chunks[..sorted].partition_point(|chunk| chunk.number <= self.chunks[sorted].number);
            self.chunks[place..=sorted].rotate_right(1);
        }
        let count = self.chunks.len();
        let is_whole = (1..)
            .zip(&self.chunks)
            .all(|(number, chunk)| usize::from(chunk.number) == number && usize::from(chunk.count) == count);
        if !is_whole {
            return None;
        }
        if let [only] = self.chunks.as_slice() {
            return Profile::from_icc(only.data, picture);
        }
        let length = self.chunks.iter().map(|chunk| chunk.data.len()).sum();
        if length > icc::MAX_BYTES {
            return None;
        }
        let mut whole = Vec::new();
        // Without the memory for the profile the picture is shown as if it had none.
        whole.try_reserve_exact(length).ok()?;
        self.chunks.iter().for_each(|chunk| whole.extend_from_slice(chunk.data));
        Profile::from_icc(&whole, picture)
    }
}
