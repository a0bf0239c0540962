//! Choices drawn from the fuzzer's bytes: first the bytes themselves, so that it can steer, then numbers that follow from all of them.

/// A stream that never ends.
pub struct Script<'a> {
    bytes: std::slice::Iter<'a, u8>,
    state: u64,
}

impl<'a> Script<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        // FNV-1a; any mixture of all bytes will do.
        let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        Self { bytes: bytes.iter(), state: bytes.iter().fold(0xcbf2_9ce4_8422_2325, mix) | 1 }
    }

    /// The next byte of the script, and zeros after its end.
    pub fn byte(&mut self) -> u8 {
        self.bytes.next().copied().unwrap_or(0)
    }

    /// One of the choices, by the next byte.
    pub fn choose<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::from(self.byte()) % choices.len()]
    }

    /// Within `0..bound`, by no byte of its own: by all of them.
    pub fn random(&mut self, bound: u32) -> u32 {
        // xorshift64*
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        (self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) as u32 % bound.max(1)
    }
}
