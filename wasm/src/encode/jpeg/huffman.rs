//! The best Huffman codes for what a picture holds, T.81 annexes C and K.2.

use std::collections::BinaryHeap;

/// Longest code in a JPEG file, in bits.
const LONGEST: usize = 16;

/// A table as a DHT segment states it, and the codes that follow from it.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// How many codes have 1, 2, ... 16 bits.
    pub(super) counts: [u8; LONGEST],
    /// Symbols by length of code.
    pub(super) symbols: Vec<u8>,
    /// For each symbol its code above, and in the lowest 8 bits the code's length; 0 where the symbol has none.
    pub(super) codes: [u32; 256],
}

impl Table {
    /// For symbols that occur so often. Without any, the table is empty.
    pub(super) fn new(frequencies: &[u32; 256]) -> Self {
        let ordered: BinaryHeap<(u32, u8)> =
            (0..=255).zip(frequencies).filter(|(_, n)| **n > 0).map(|(symbol, n)| (*n, symbol)).collect();
        // By frequency, rarest first, in an order that depends on nothing else. The standard library's sort would add ten kilobytes to the wasm.
        let ordered = ordered.into_sorted_vec();
        let counts = code_counts(&ordered);
        let symbols: Vec<u8> = ordered.iter().rev().map(|(_, symbol)| *symbol).collect();

        // T.81 annex C: codes of one length are consecutive, the next length begins at their double.
        let mut codes = [0; 256];
        let (mut code, mut rest) = (0u32, symbols.iter());
        for (length, count) in (1..).zip(counts) {
            for symbol in rest.by_ref().take(usize::from(count)) {
                codes[usize::from(*symbol)] = code << 8 | length;
                code += 1;
            }
            code <<= 1;
        }
        Self { counts, symbols, codes }
    }

    /// Bits of so many codes of each symbol with the bits that stand behind them: the symbol's lower half says how many.
    pub(super) fn bit_count(&self, frequencies: &[u32; 256]) -> u64 {
        let each = (0..).zip(frequencies).zip(&self.codes);
        each.map(|((symbol, count), code): ((u64, _), _)| {
            u64::from(*count) * (u64::from(code & 0xff) + (symbol & 15))
        })
        .sum()
    }

    /// Bytes in a DHT segment.
    pub(super) fn byte_count(&self) -> usize {
        1 + LONGEST + self.symbols.len()
    }
}

/// How many codes of each length are best. A place is kept for the code of all ones, which is not allowed: annex K.2 adds a symbol for
/// it, rarer than any, whose code is then the longest.
fn code_counts(ordered: &[(u32, u8)]) -> [u8; LONGEST] {
    let mut by_depth = [0u16; 257];
    for depth in depths(ordered) {
        by_depth[usize::from(depth)] += 1;
    }
    // Figure K.3: two of the longest codes become one, a bit shorter, and a code further up makes place for the other.
    for depth in (LONGEST + 1..by_depth.len()).rev() {
        while by_depth[depth] > 0 {
            let shorter = (1..depth - 1).rev().find(|shorter| by_depth[*shorter] > 0).unwrap_or(1);
            by_depth[depth] -= 2;
            by_depth[depth - 1] += 1;
            by_depth[shorter] -= 1;
            by_depth[shorter + 1] += 2;
        }
    }
    if let Some(longest) = by_depth.iter_mut().rfind(|count| **count > 0) {
        *longest -= 1;
    }
    std::array::from_fn(|index| by_depth[index + 1] as u8)
}

/// Lengths of codes by Huffman's method, of all symbols and one that never occurs; in no order.
fn depths(ordered: &[(u32, u8)]) -> Vec<u8> {
    // Nodes in order of weight: the leaves are sorted, and the sums come out sorted by themselves.
    let leaf_count = ordered.len() + 1;
    let weights: Vec<u64> =
        std::iter::once(0).chain(ordered.iter().map(|(weight, _)| u64::from(*weight))).collect();
    let mut sums: Vec<u64> = Vec::with_capacity(leaf_count);
    // Parents of leaves and of sums, as indices of sums.
    let mut leaf_parents = vec![0; leaf_count];
    let mut sum_parents = vec![0; leaf_count];
    let (mut leaf, mut sum) = (0, 0);
    for parent in 0..leaf_count - 1 {
        let mut lightest = || {
            let from_leaves = match (weights.get(leaf), sums.get(sum)) {
                (Some(a), Some(b)) => a <= b,
                (first, _) => first.is_some(),
            };
            if from_leaves {
                leaf_parents[leaf] = parent;
                leaf += 1;
                weights[leaf - 1]
            } else {
                sum_parents[sum] = parent;
                sum += 1;
                sums[sum - 1]
            }
        };
        let weight = lightest() + lightest();
        sums.push(weight);
    }
    // From the root, which is the last sum, downwards.
    let mut sum_depths = vec![0u8; leaf_count];
    for index in (0..sums.len().saturating_sub(1)).rev() {
        sum_depths[index] = sum_depths[sum_parents[index]].saturating_add(1);
    }
    leaf_parents.iter().map(|parent| sum_depths[*parent].saturating_add(1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a decoder needs: no code begins with another, none is all ones, the symbols are those that occur.
    fn assert_valid(frequencies: &[u32; 256]) -> Table {
        let table = Table::new(frequencies);
        let total: usize = table.counts.iter().map(|count| usize::from(*count)).sum();
        assert_eq!(total, table.symbols.len());
        assert_eq!(table.byte_count(), 17 + total);
        let mut codes = Vec::new();
        for (symbol, frequency) in frequencies.iter().enumerate() {
            let (code, length) = (table.codes[symbol] >> 8, table.codes[symbol] & 0xff);
            assert_eq!(*frequency > 0, length > 0, "symbol {symbol}");
            if length > 0 {
                assert!(
                    length <= 16 && code < (1 << length) - 1,
                    "symbol {symbol}: {code:b} of {length} bits"
                );
                codes.push((code << (16 - length), length));
            }
        }
        codes.sort_unstable();
        for pair in codes.windows(2) {
            assert!(pair[0].0 + (1 << (16 - pair[0].1)) <= pair[1].0, "codes overlap");
        }
        table
    }

    #[test]
    fn codes_are_valid_for_any_frequencies() {
        assert_valid(&[0; 256]);
        assert_valid(&[1; 256]);
        assert_valid(&[u32::MAX; 256]);
        for symbol in [0, 7, 255] {
            let mut one = [0; 256];
            one[symbol] = 5;
            assert_eq!(assert_valid(&one).counts[0], 1);
        }
        // Fibonacci's numbers ask for the longest codes that there are.
        let mut steep = [0u32; 256];
        let (mut a, mut b) = (1u32, 1u32);
        for frequency in steep.iter_mut().take(45) {
            *frequency = a;
            (a, b) = (b, a.saturating_add(b));
        }
        assert!(assert_valid(&steep).counts[15] > 0);
        let mut state = 3u32;
        for round in 0..300 {
            assert_valid(&std::array::from_fn(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                if state >> 16 & 3 < round % 4 { 0 } else { 1 << (state >> 27) }
            }));
        }
    }

    #[test]
    fn codes_are_as_short_as_the_entropy_allows() {
        let mut state = 3u32;
        for _ in 0..100 {
            let frequencies: [u32; 256] = std::array::from_fn(|symbol| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 20) >> (symbol / 24)
            });
            let total: f64 = frequencies.iter().map(|count| f64::from(*count)).sum();
            let entropy_bits: f64 = frequencies
                .iter()
                .filter(|n| **n > 0)
                .map(|n| f64::from(*n) * (total / f64::from(*n)).log2())
                .sum();
            let behind: f64 =
                frequencies.iter().enumerate().map(|(symbol, n)| f64::from(*n) * (symbol & 15) as f64).sum();
            let bits = Table::new(&frequencies).bit_count(&frequencies) as f64 - behind;
            assert!(bits >= entropy_bits && bits < entropy_bits * 1.02, "{bits} for {entropy_bits}");
        }
    }
}
