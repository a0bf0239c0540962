//! Tables that have every shape a decoder may meet, and the bits that they write.

use super::super::script::Script;

/// Where codes of which length are: lengths and counts, in rising order. None of them uses the code of all ones.
type Shape = &'static [(u8, u16)];

/// For up to 12 symbols.
const FEW: [Shape; 3] = [
    &[(4, 12)],
    &[(1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (6, 1), (7, 1), (8, 1), (9, 1), (10, 1), (11, 1), (12, 1)],
    &[(2, 2), (3, 2), (9, 4), (16, 4)],
];

/// For up to 256 symbols: of about one length, of two, and with short ones while the rest is as long as can be.
const MANY: [Shape; 4] = [
    &[(8, 254), (9, 2)],
    &[(4, 8), (9, 248)],
    &[(2, 1), (3, 1), (4, 2), (5, 2), (6, 2), (7, 2), (15, 128), (16, 118)],
    &[(1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (6, 1), (7, 1), (16, 249)],
];

#[derive(Clone)]
pub struct Table {
    /// In the order of their codes.
    symbols: Vec<u8>,
    counts: [u8; 16],
    /// Code and length by symbol; length 0 where there is no code.
    codes: [(u16, u8); 256],
}

impl Table {
    /// Differences of DC: the number of their bits.
    pub fn dc(script: &mut Script) -> Self {
        let shape = script.choose(&FEW);
        Self::new((0..12).collect(), shape, script)
    }

    /// AC coefficients: every byte there is.
    pub fn ac(script: &mut Script) -> Self {
        let shape = script.choose(&MANY);
        Self::new((0..=255).collect(), shape, script)
    }

    fn new(mut symbols: Vec<u8>, shape: Shape, script: &mut Script) -> Self {
        for at in (1..symbols.len()).rev() {
            symbols.swap(at, script.random(at as u32 + 1) as usize);
        }
        let mut table = Self { counts: [0; 16], codes: [(0, 0); 256], symbols };
        let mut left = table.symbols.iter();
        let (mut code, mut last) = (0u32, 0);
        for &(length, count) in shape {
            code <<= length - last;
            last = length;
            for symbol in left.by_ref().take(count.into()) {
                table.codes[usize::from(*symbol)] = (code as u16, length);
                table.counts[usize::from(length) - 1] += 1;
                code += 1;
            }
            assert!(code < 1 << length, "the shape leaves no room for the code of all ones");
        }
        table
    }

    /// ITU-T T.81, B.2.4.2, without the marker.
    pub fn segment(&self, class: u8, slot: u8) -> Vec<u8> {
        [&[class << 4 | slot], self.counts.as_slice(), &self.symbols].concat()
    }
}

/// Entropy-coded bytes.
#[derive(Default)]
pub struct Bits {
    pub bytes: Vec<u8>,
    pending: u32,
    length: u8,
}

impl Bits {
    /// The lowest bits of the value, highest first.
    pub fn put(&mut self, value: u32, length: u8) {
        for at in (0..length).rev() {
            self.pending = self.pending << 1 | (value >> at & 1);
            self.length += 1;
            if self.length == 8 {
                self.bytes.push(self.pending as u8);
                if self.pending as u8 == 0xff {
                    self.bytes.push(0);
                }
                (self.pending, self.length) = (0, 0);
            }
        }
    }

    pub fn symbol(&mut self, table: &Table, symbol: u8) {
        let (code, length) = table.codes[usize::from(symbol)];
        assert!(length > 0, "no code for {symbol:#x}");
        self.put(code.into(), length);
    }

    /// Ones up to the end of the byte.
    pub fn pad(&mut self) {
        while self.length > 0 {
            self.put(1, 1);
        }
    }
}
