//! Bits of entropy-coded data, most significant first. ITU-T T.81 clause F.2.2.5 and annex B.1.1.5 (stuffed bytes).
//!
//! The data is copied in pieces into a buffer, without its stuffed zeros and markers and in reverse order: a little-endian load of eight bytes
//! at any place then has the next bits left-aligned. Bits are refilled as in F. Giesen, "Reading bits in far too many ways" (2018), variant 4,
//! and the load for the next time is begun early, so that nothing waits for it.

use std::collections::VecDeque;

/// Bytes of the buffer; a power of two, so that a position is within it by its lowest bits.
const CHUNK: usize = 1 << 14;
/// More than any MCU takes: ten blocks of 64 coefficients, of at most 16 bits for the code and 15 for the value each.
const LONGEST_MCU: usize = 2600;
/// Restart markers that are looked for ahead.
const MOST_RESTARTS: usize = 1024;

type Buffer = [u8; CHUNK + 8];

/// The data of one scan. Where it ends, at a marker or at the end of the file, it goes on with zeros, as in libjpeg: a damaged part of a picture
/// is no reason to lose the rest.
#[derive(Debug)]
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    /// The next byte to copy; a marker of another segment is never before it.
    at: usize,
    /// Byte `n` of what was copied is at `CHUNK + 7 - n`.
    buffer: Box<Buffer>,
    filled: usize,
    state: State,
    /// As far as this byte of the buffer a whole MCU follows.
    enough: usize,
    /// Where the data goes on after each restart marker that was passed, in bytes of the buffer.
    restarts: VecDeque<usize>,
    /// A marker or the end of the bytes was reached.
    ended: bool,
}

impl<'a> Bits<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let buffer = Box::new([0; CHUNK + 8]);
        let state = State::at(&buffer, 0);
        let restarts = VecDeque::new();
        let mut bits = Self { bytes, at: 0, buffer, filled: 0, state, enough: 0, restarts, ended: false };
        bits.load(0);
        bits
    }

    /// Makes sure that the whole next MCU is in the buffer, where the file has it.
    #[inline(always)]
    pub(super) fn prepare(&mut self) {
        if self.state.next > self.enough {
            self.load(self.state.position());
        }
    }

    /// Reads from here on; [`Bits::set`] tells how far.
    #[inline(always)]
    pub(super) fn cursor(&self) -> Cursor<'_> {
        Cursor { buffer: &self.buffer, state: self.state }
    }

    #[inline(always)]
    pub(super) fn set(&mut self, state: State) {
        self.state = state;
    }

    /// Whether more bits were taken than there are.
    #[inline(always)]
    pub(super) fn exhausted(&self) -> bool {
        self.ended && self.state.position() > self.filled * 8
    }

    /// Bytes that were used up, at least.
    pub(super) fn used(&self) -> usize {
        self.at
    }

    /// Goes on after the next restart marker. `false`: the data has none, its scan ends here. T.81 E.2.4.
    pub(super) fn restart(&mut self) -> bool {
        loop {
            if let Some(place) = self.restarts.pop_front() {
                self.state = State::at(&self.buffer, place * 8);
                return true;
            }
            if self.ended {
                return false;
            }
            self.load(self.filled * 8);
        }
    }

    /// Copies more of the data behind what is left from this bit of the buffer on.
    #[cold]
    #[inline(never)]
    fn load(&mut self, position: usize) {
        let done = (position / 8).min(self.filled);
        let end = CHUNK + 8;
        self.buffer.copy_within(end - self.filled..end - done, end - (self.filled - done));
        self.filled -= done;
        for place in &mut self.restarts {
            *place = place.saturating_sub(done);
        }
        while self.filled + BLOCK <= CHUNK && self.restarts.len() < MOST_RESTARTS {
            self.copy_plain();
            if self.filled + BLOCK > CHUNK {
                break;
            }
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            match rest {
                [0xff, 0, ..] => self.put(0xff, 2),
                [0xff, 0xd0..=0xd7, ..] => {
                    self.restarts.push_back(self.filled);
                    self.at += 2;
                }
                // Fill bytes before a marker.
                [0xff, 0xff, ..] => self.at += 1,
                [0xff, ..] | [] => {
                    self.ended = true;
                    break;
                }
                [byte, ..] => self.put(*byte, 1),
            }
        }
        self.enough = if self.ended { usize::MAX } else { self.filled.saturating_sub(LONGEST_MCU) };
        if let Some(free) = self.buffer.get_mut(..end - self.filled) {
            // Of what is left from before nothing must be read: zeros follow, as far as an MCU can reach.
            let first = free.len().saturating_sub(LONGEST_MCU + 8);
            free.get_mut(first..).unwrap_or_default().fill(0);
        }
        self.state = State::at(&self.buffer, position - done * 8);
    }

    /// Copies whole blocks, and of the first one that has a byte of ones what comes before it.
    fn copy_plain(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let mut copied = 0;
        // What is free of the buffer, its end first.
        let free = self.buffer.get_mut(8..CHUNK + 8 - self.filled).unwrap_or_default();
        for (block, target) in
            rest.as_chunks::<BLOCK>().0.iter().zip(free.as_rchunks_mut::<BLOCK>().1.iter_mut().rev())
        {
            let (reversed, plain) = reversed(block);
            *target = reversed;
            copied += plain;
            if plain < BLOCK {
                break;
            }
        }
        self.at += copied;
        self.filled += copied;
    }

    fn put(&mut self, byte: u8, taken: usize) {
        if let Some(target) = self.buffer.get_mut(CHUNK + 7 - self.filled) {
            *target = byte;
        }
        self.filled += 1;
        self.at += taken;
    }
}

/// Bytes that are copied at once.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
const BLOCK: usize = 8;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
const BLOCK: usize = 16;

/// The bytes in reverse order, and how many of them come before the first that is all ones.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
fn reversed(block: &[u8; BLOCK]) -> ([u8; BLOCK], usize) {
    let value = u64::from_le_bytes(*block);
    // Mycroft's test for a zero byte, on the complement; its lowest hit is exact.
    let ones = (!value).wrapping_sub(0x0101_0101_0101_0101) & value & 0x8080_8080_8080_8080;
    (value.swap_bytes().to_le_bytes(), (ones.trailing_zeros() / 8) as usize)
}

/// The same for twice as many with the vector unit. All of these intrinsics are safe: none takes a pointer.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
fn reversed(block: &[u8; BLOCK]) -> ([u8; BLOCK], usize) {
    use core::arch::wasm32::{
        i8x16_shuffle, u8x16_bitmask, u8x16_eq, u8x16_splat, u64x2, u64x2_extract_lane,
    };
    let half = |at: usize| {
        let mut half = [0; 8];
        half.copy_from_slice(&block[at..at + 8]);
        u64::from_le_bytes(half)
    };
    let value = u64x2(half(0), half(8));
    let ones = u32::from(u8x16_bitmask(u8x16_eq(value, u8x16_splat(0xff))));
    let turned = i8x16_shuffle::<15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0>(value, value);
    let mut reversed = [0; BLOCK];
    reversed[..8].copy_from_slice(&u64x2_extract_lane::<0>(turned).to_le_bytes());
    reversed[8..].copy_from_slice(&u64x2_extract_lane::<1>(turned).to_le_bytes());
    (reversed, (ones | 1 << BLOCK).trailing_zeros() as usize)
}

/// A place in the buffer and the bits from there on.
#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    /// The next bits, left-aligned.
    window: u64,
    /// How many of them are there; negative where more were taken. What follows below them is a part of `ahead`.
    count: i32,
    /// The byte of the buffer that follows them.
    next: usize,
    /// Eight bytes from there on.
    ahead: u64,
}

/// Bits that a refill makes available at least.
pub(super) const REFILLED: u32 = 56;
const _: () = assert!(REFILLED == 56, "the arithmetic of `State::refill` is made for it");

impl State {
    #[cold]
    #[inline(never)]
    fn at(buffer: &Buffer, position: usize) -> Self {
        let next = position / 8;
        let within = position as u32 % 8;
        // Eight bytes, less the bits of the first that were taken.
        Self {
            window: load(buffer, next) << within,
            count: 56 - within as i32,
            next: next + 7,
            ahead: load(buffer, next + 7),
        }
        .refilled(buffer)
    }

    fn refilled(mut self, buffer: &Buffer) -> Self {
        self.refill(buffer);
        self
    }

    /// The next bit of the buffer.
    #[inline(always)]
    fn position(self) -> usize {
        (self.next * 8).wrapping_add_signed(-self.count as isize)
    }

    #[inline(always)]
    fn refill(&mut self, buffer: &Buffer) {
        if self.count < 0 {
            *self = Self::at(buffer, self.position());
            return;
        }
        self.window |= self.ahead >> (self.count & 63);
        self.next += ((63 - self.count) >> 3) as usize;
        self.count |= REFILLED as i32;
        self.ahead = load(buffer, self.next);
    }

    /// More than is there may be taken, if a refill follows.
    #[inline(always)]
    fn skip(&mut self, length: u32) {
        self.window = self.window.wrapping_shl(length);
        self.count -= length as i32;
    }
}

/// Eight bytes from `next` on, the first one highest.
#[inline(always)]
fn load(buffer: &Buffer, next: usize) -> u64 {
    // The lowest bits of a place are always within the buffer; those of a right one are all of it.
    let start = CHUNK - (next & (CHUNK - 1));
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&buffer[start..start + 8]);
    u64::from_le_bytes(bytes)
}

/// Reads bits. Small, and by value in the loops that count: so it stays in registers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    buffer: &'a Buffer,
    pub(super) state: State,
}

impl Cursor<'_> {
    /// Makes [`REFILLED`] bits available at least.
    #[inline(always)]
    pub(super) fn refill(&mut self) {
        self.state.refill(self.buffer);
    }

    /// The next bits, left-aligned.
    #[inline(always)]
    pub(super) fn window(&self) -> u64 {
        self.state.window
    }

    /// How many bits are available.
    #[inline(always)]
    pub(super) fn available(&self) -> i32 {
        self.state.count
    }

    /// Takes bits that are available; of `length` the lowest six bits count.
    #[inline(always)]
    pub(super) fn skip(&mut self, length: u32) {
        self.state.skip(length);
    }

    /// Takes any number of bits up to 64.
    #[inline(always)]
    pub(super) fn pass(&mut self, length: u32) {
        let first = length.min(REFILLED / 2);
        self.refill();
        self.skip(first);
        self.refill();
        self.skip(length - first);
    }

    /// Takes the next `length` bits, 0..=16, which are available.
    #[inline(always)]
    pub(super) fn take(&mut self, length: u32) -> u32 {
        let value = ((self.state.window >> 1) >> (63 - length)) as u32;
        self.skip(length);
        value
    }

    /// A signed value of `length` bits, 0..=15, which are available; T.81 figure F.12 (EXTEND).
    #[inline(always)]
    pub(super) fn signed(&mut self, length: u32) -> i32 {
        let value = self.take(length) as i32;
        extend(value, length)
    }
}

/// T.81 figure F.12.
#[inline(always)]
pub(super) fn extend(value: i32, length: u32) -> i32 {
    if length == 0 || value >= 1 << (length - 1) { value } else { value - (1 << length) + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn all_of(bytes: &[u8]) -> (Vec<u8>, usize) {
        let mut bits = Bits::new(bytes);
        let mut read = Vec::new();
        loop {
            bits.prepare();
            let mut cursor = bits.cursor();
            cursor.refill();
            let byte = cursor.take(8);
            bits.set(cursor.state);
            if bits.exhausted() {
                return (read, bits.used());
            }
            read.push(byte as u8);
        }
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
        let mut bits = Bits::new(&coded);
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
}
