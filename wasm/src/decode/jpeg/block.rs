//! The coefficients of one block out of its bits. ITU-T T.81 F.2.2 (sequential) and G.1.2 (progressive).

use super::bits::Bits;
use super::huffman::Table;
use super::idct::ZIGZAG;

/// Decodes a sequential block into `block` (natural order, zero before). Coefficients beyond the zigzag position `last` are stepped over.
#[inline(always)]
pub(super) fn sequential(
    bits: &mut Bits<'_>,
    dc: &Table,
    ac: &Table,
    predictor: &mut i32,
    last: usize,
    block: &mut [i16; 64],
) {
    let mut local = *bits;
    dc_first(&mut local, dc, predictor, 0, &mut block[0]);
    ac_sequential(&mut local, ac, last, block);
    *bits = local;
}

#[inline(always)]
fn ac_sequential(bits: &mut Bits<'_>, ac: &Table, last: usize, block: &mut [i16; 64]) {
    let mut k = 1;
    while k <= last {
        bits.refill();
        let step = ac.step(bits);
        let (run, value) = if step.bits() != 0 {
            bits.skip(step.bits());
            (step.run(), step.value())
        } else {
            let symbol = ac.symbol(bits);
            if symbol & 15 == 0 {
                if symbol != 0xf0 {
                    return;
                }
                k += 16;
                continue;
            }
            (usize::from(symbol >> 4), bits.signed(u32::from(symbol & 15)))
        };
        k += run;
        let Some(natural) = ZIGZAG.get(k) else { return };
        block[usize::from(*natural & 63)] = value as i16;
        k += 1;
    }
    while k < 64 {
        bits.refill();
        // Two looks take at most 24 of the 32 bits that are there.
        let skip = ac.skip(bits);
        if skip.bits() != 0 && k + skip.advance() < 64 {
            bits.skip(skip.bits());
            k += skip.advance();
            if skip.ends() {
                return;
            }
            let skip = ac.skip(bits);
            if skip.bits() != 0 && k + skip.advance() < 64 {
                bits.skip(skip.bits());
                k += skip.advance();
                if skip.ends() {
                    return;
                }
            }
            continue;
        }
        let symbol = ac.symbol(bits);
        if symbol & 15 == 0 {
            if symbol != 0xf0 {
                return;
            }
            k += 16;
        } else {
            bits.skip(u32::from(symbol & 15));
            k += usize::from(symbol >> 4) + 1;
        }
    }
}

/// The DC coefficient, or its upper bits.
#[inline(always)]
pub(super) fn dc_first(
    bits: &mut Bits<'_>,
    dc: &Table,
    predictor: &mut i32,
    after: u32,
    coefficient: &mut i16,
) {
    bits.refill();
    let step = dc.step(bits);
    let difference = if step.bits() != 0 {
        bits.skip(step.bits());
        step.value()
    } else {
        let length = u32::from(dc.symbol(bits) & 15);
        bits.signed(length)
    };
    *predictor = predictor.wrapping_add(difference);
    *coefficient = predictor.wrapping_shl(after) as i16;
}

/// The first bits of a band of AC coefficients.
pub(super) fn ac_first(
    bits: &mut Bits<'_>,
    ac: &Table,
    (first, last): (usize, usize),
    after: u32,
    end_of_band_run: &mut u32,
    block: &mut [i16; 64],
) {
    if *end_of_band_run > 0 {
        *end_of_band_run -= 1;
        return;
    }
    let mut k = first;
    while k <= last {
        bits.refill();
        let symbol = ac.symbol(bits);
        let (run, length) = (usize::from(symbol >> 4), u32::from(symbol & 15));
        if length != 0 {
            k += run;
            let value = bits.signed(length) << after;
            let Some(natural) = ZIGZAG.get(k) else { return };
            block[usize::from(*natural & 63)] = value as i16;
            k += 1;
        } else if run == 15 {
            k += 16;
        } else {
            *end_of_band_run = (1 << run) - 1 + bits.take(run as u32);
            return;
        }
    }
}

/// One more bit of a band of AC coefficients.
pub(super) fn ac_refine(
    bits: &mut Bits<'_>,
    ac: &Table,
    (first, last): (usize, usize),
    after: u32,
    end_of_band_run: &mut u32,
    block: &mut [i16; 64],
) {
    let bit = 1i16 << after;
    let mut k = first;
    if *end_of_band_run == 0 {
        while k <= last {
            bits.refill();
            let symbol = ac.symbol(bits);
            let (mut run, length) = (usize::from(symbol >> 4), symbol & 15);
            let mut value = 0;
            if length != 0 {
                value = if bits.bit() { bit } else { -bit };
            } else if run != 15 {
                *end_of_band_run = (1 << run) + bits.take(run as u32);
                break;
            }
            while k <= last {
                let Some(coefficient) =
                    ZIGZAG.get(k).and_then(|natural| block.get_mut(usize::from(*natural)))
                else {
                    return;
                };
                if *coefficient != 0 {
                    refine(bits, bit, coefficient);
                } else if run == 0 {
                    *coefficient = value;
                    k += 1;
                    break;
                } else {
                    run -= 1;
                }
                k += 1;
            }
        }
    }
    if *end_of_band_run > 0 {
        while k <= last {
            let Some(coefficient) = ZIGZAG.get(k).and_then(|natural| block.get_mut(usize::from(*natural)))
            else {
                return;
            };
            if *coefficient != 0 {
                refine(bits, bit, coefficient);
            }
            k += 1;
        }
        *end_of_band_run -= 1;
    }
}

fn refine(bits: &mut Bits<'_>, bit: i16, coefficient: &mut i16) {
    bits.refill();
    if bits.bit() && *coefficient & bit == 0 {
        *coefficient =
            if *coefficient > 0 { coefficient.wrapping_add(bit) } else { coefficient.wrapping_sub(bit) };
    }
}
