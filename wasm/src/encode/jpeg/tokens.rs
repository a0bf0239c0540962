//! Coefficients of a block -> what is written of it, T.81 F.1.2: one [`Token`] for each Huffman code with the bits behind it.

use super::choice::{Chooser, Level, Levels};
use super::color::Block;
use super::quantize::{PLACES, Quantizers};

/// A Huffman code to be written, and the bits behind it. Bits 0..=7 are the symbol, whose lower half is the number of bits behind the
/// code; bits 8..=9 are the [`Class`]; the upper 16 are the bits behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token(u32);

/// Kinds of tokens: each has a Huffman table. Chroma's are two above those of luma.
pub(super) const DC: u32 = 0;
pub(super) const AC: u32 = 1;
pub(super) const CLASSES: usize = 4;

/// Symbols of AC: the rest of the block is zero; sixteen zeros.
const END_OF_BLOCK: u32 = 0x00;
const SIXTEEN_ZEROS: u32 = 0xf0;

/// Most tokens of a block: one for each coefficient.
pub(super) const MOST_TOKENS: usize = 64;

impl Token {
    /// `level` with the symbol's upper half `run`: T.81 F.1.2.1.1 and F.1.2.2.1.
    fn level(class: u32, run: u32, level: i32) -> Self {
        let bits = level.unsigned_abs().checked_ilog2().map_or(0, |log| log + 1);
        // Negative levels have their complement of one.
        let value = (level + (level >> 31)) as u32 & ((1 << bits) - 1);
        Self(value << 16 | class << 8 | run << 4 | bits)
    }

    fn symbol(class: u32, symbol: u32) -> Self {
        Self(class << 8 | symbol)
    }

    /// Class and symbol as one number.
    pub(super) fn index(self) -> usize {
        (self.0 & 0x3ff) as usize
    }

    /// The bits behind the code, and how many.
    pub(super) fn tail(self) -> (u32, u32) {
        (self.0 >> 16, self.0 & 15)
    }
}

/// The tokens of one block.
#[derive(Debug)]
pub(super) struct Tokens {
    tokens: [Token; MOST_TOKENS],
    count: usize,
}

impl Tokens {
    pub(super) fn new() -> Self {
        Self { tokens: [Token(0); MOST_TOKENS], count: 0 }
    }

    pub(super) fn as_slice(&self) -> &[Token] {
        &self.tokens[..self.count.min(MOST_TOKENS)]
    }

    fn push(&mut self, token: Token) {
        self.tokens[self.count % MOST_TOKENS] = token;
        self.count += 1;
    }
}

/// Turns the blocks of one component into tokens, in order.
#[derive(Debug)]
pub(super) struct Component<'a> {
    quantizers: &'a Quantizers,
    chooser: Chooser,
    kept: Levels,
    /// 0 for luma, 2 for chroma.
    classes: u32,
    /// DC of the block before.
    previous: i32,
}

impl<'a> Component<'a> {
    pub(super) fn new(quantizers: &'a Quantizers, is_chroma: bool) -> Self {
        let chooser = Chooser::new(usize::from(is_chroma), &quantizers.steps);
        let classes = if is_chroma { 2 } else { 0 };
        Self { quantizers, chooser, kept: Levels::new(), classes, previous: 0 }
    }

    /// The tokens of a block that lies outside of the picture: the fewest bits.
    pub(super) fn outside(&self, tokens: &mut Tokens) {
        tokens.count = 0;
        tokens.push(Token::level(self.classes + DC, 0, 0));
        tokens.push(Token::symbol(self.classes + AC, END_OF_BLOCK));
    }

    /// The tokens of a block of coefficients.
    pub(super) fn block(&mut self, coefficients: &Block, tokens: &mut Tokens) {
        let levels = self.quantizers.levels(coefficients);
        let (dc, ac) = (self.classes + DC, self.classes + AC);
        tokens.count = 0;
        tokens.push(Token::level(dc, 0, i32::from(levels[0]) - self.previous));
        self.previous = i32::from(levels[0]);

        let mut remaining = nonzero(&levels) & !1;
        self.kept.clear();
        while remaining != 0 {
            let order = remaining.trailing_zeros() as u8;
            remaining &= remaining - 1;
            let place = PLACES[usize::from(order & 63)];
            let (level, coefficient) =
                (levels[usize::from(place & 63)], coefficients[usize::from(place & 63)]);
            self.kept.push(Level { order, level, exact: self.quantizers.exact(place, coefficient) });
        }
        self.chooser.choose(&mut self.kept);

        let mut previous = 0;
        for Level { order, level, .. } in self.kept.as_slice() {
            let mut run = u32::from(*order) - previous - 1;
            while run >= 16 {
                tokens.push(Token::symbol(ac, SIXTEEN_ZEROS));
                run -= 16;
            }
            tokens.push(Token::level(ac, run, i32::from(*level)));
            previous = u32::from(*order);
        }
        if previous < 63 {
            tokens.push(Token::symbol(ac, END_OF_BLOCK));
        }
    }
}

/// The set of coefficients that are not zero, as bits in zigzag order.
fn nonzero(levels: &Block) -> u64 {
    /// Zigzag order of each place.
    const ORDERS: [u8; 64] = {
        let mut orders = [0; 64];
        let mut order = 0;
        while order < 64 {
            orders[PLACES[order] as usize] = order as u8;
            order += 1;
        }
        orders
    };
    let mut set = 0;
    for (levels, orders) in levels.as_chunks::<8>().0.iter().zip(ORDERS.as_chunks::<8>().0) {
        // Most rows are empty.
        if *levels == [0; 8] {
            continue;
        }
        for (level, order) in levels.iter().zip(orders) {
            set |= u64::from(*level != 0) << order;
        }
    }
    set
}
