//! The coefficients of a scan as bits: ITU-T T.81, F.1.2 for sequential scans and G.1.2 for progressive ones.

use super::huffman::{Bits, Table};

/// In zigzag order, quantised.
pub type Block = [i32; 64];

/// What a scan carries of each block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// First and last coefficient.
    pub band: (u8, u8),
    /// Bits left away before this scan, and after it; `None` where it is the first of its band.
    pub before: Option<u8>,
    pub after: u8,
    pub is_progressive: bool,
}

/// Writes one block after the other.
pub struct Writer<'a> {
    pub bits: Bits,
    part: Part,
    dc: &'a Table,
    ac: &'a Table,
    predictions: [i32; 4],
    /// Blocks that end here and have not been said to, and the bits of correction that follow them.
    ended: u32,
    corrections: Vec<u32>,
}

impl<'a> Writer<'a> {
    pub fn new(part: Part, dc: &'a Table, ac: &'a Table) -> Self {
        Self { bits: Bits::default(), part, dc, ac, predictions: [0; 4], ended: 0, corrections: Vec::new() }
    }

    pub fn block(&mut self, component: usize, block: &Block) {
        let Part { band, before, after, is_progressive } = self.part;
        match (is_progressive, band.0, before) {
            (false, ..) => {
                self.dc_first(component, block[0]);
                self.ac_sequential(block);
            }
            (true, 0, None) => self.dc_first(component, block[0] >> after),
            (true, 0, Some(_)) => self.bits.put((block[0] >> after) as u32 & 1, 1),
            (true, _, None) => self.ac_first(block),
            (true, _, Some(_)) => self.ac_refine(block),
        }
    }

    /// The end of the scan or of a restart interval.
    pub fn end_interval(&mut self) {
        self.end_blocks();
        self.bits.pad();
        self.predictions = [0; 4];
    }

    pub fn restart(&mut self, number: u8) {
        self.end_interval();
        self.bits.bytes.extend([0xff, 0xd0 | (number % 8)]);
    }

    fn dc_first(&mut self, component: usize, value: i32) {
        let difference = value - self.predictions[component];
        self.predictions[component] = value;
        let size = size_of(difference.unsigned_abs());
        self.bits.symbol(self.dc, size);
        self.magnitude(difference, size);
    }

    /// The additional bits of a value: as it is, or of a negative one all turned round.
    fn magnitude(&mut self, value: i32, size: u8) {
        self.bits.put(if value < 0 { !value.unsigned_abs() } else { value as u32 }, size);
    }

    fn ac_sequential(&mut self, block: &Block) {
        let mut run = 0;
        for &value in &block[1..] {
            if value == 0 {
                run += 1;
                continue;
            }
            run = self.long_runs(run);
            let size = size_of(value.unsigned_abs());
            self.bits.symbol(self.ac, (run << 4) | size);
            self.magnitude(value, size);
            run = 0;
        }
        if run > 0 {
            self.bits.symbol(self.ac, 0);
        }
    }

    /// Sixteen zeros at a time; what is left of the run.
    fn long_runs(&mut self, mut run: u8) -> u8 {
        while run > 15 {
            self.bits.symbol(self.ac, 0xf0);
            run -= 16;
        }
        run
    }

    fn ac_first(&mut self, block: &Block) {
        let mut run = 0;
        for &value in self.band(block) {
            let kept = value.unsigned_abs() >> self.part.after;
            if kept == 0 {
                run += 1;
                continue;
            }
            self.end_blocks();
            run = self.long_runs(run);
            let size = size_of(kept);
            self.bits.symbol(self.ac, (run << 4) | size);
            self.magnitude(if value < 0 { -(kept as i32) } else { kept as i32 }, size);
            run = 0;
        }
        if run > 0 {
            self.block_ends(&[]);
        }
    }

    fn ac_refine(&mut self, block: &Block) {
        let band = self.band(block);
        let kept = |value: i32| value.unsigned_abs() >> self.part.after;
        let kept: Vec<u32> = band.iter().map(|value| kept(*value)).collect();
        // After the last coefficient that comes to be in this scan, zeros need no code.
        let last_new = kept.iter().rposition(|value| *value == 1);
        let mut run = 0;
        let mut corrections = Vec::new();
        for (at, (&value, &kept)) in band.iter().zip(&kept).enumerate() {
            if kept == 0 {
                run += 1;
                continue;
            }
            while run > 15 && Some(at) <= last_new {
                self.end_blocks();
                self.bits.symbol(self.ac, 0xf0);
                run -= 16;
                self.correct(&mut corrections);
            }
            if kept > 1 {
                corrections.push(kept & 1);
                continue;
            }
            self.end_blocks();
            self.bits.symbol(self.ac, (run << 4) | 1);
            self.bits.put(u32::from(value >= 0), 1);
            self.correct(&mut corrections);
            run = 0;
        }
        if run > 0 || !corrections.is_empty() {
            self.block_ends(&corrections);
        }
    }

    fn correct(&mut self, corrections: &mut Vec<u32>) {
        for bit in corrections.drain(..) {
            self.bits.put(bit, 1);
        }
    }

    fn band<'b>(&self, block: &'b Block) -> &'b [i32] {
        &block[usize::from(self.part.band.0)..=usize::from(self.part.band.1)]
    }

    fn block_ends(&mut self, corrections: &[u32]) {
        self.ended += 1;
        self.corrections.extend(corrections);
        if self.ended == 0x7fff {
            self.end_blocks();
        }
    }

    /// Says how many blocks have ended, if any.
    fn end_blocks(&mut self) {
        if self.ended == 0 {
            return;
        }
        let size = size_of(self.ended) - 1;
        self.bits.symbol(self.ac, size << 4);
        self.bits.put(self.ended, size);
        self.ended = 0;
        let mut corrections = std::mem::take(&mut self.corrections);
        self.correct(&mut corrections);
    }
}

/// How many bits a number has.
fn size_of(value: u32) -> u8 {
    (32 - value.leading_zeros()) as u8
}
