//! A row of macroblocks, and of the row above those samples that its loop filter may still change: RFC 6386 section 15.

use super::frame::Smoothed;
use super::header::Filter;
use super::kernels::{self, Across, Limits, Lines};
use super::samples::Samples;
use super::{Pair, Pairs};
use std::ops::ControlFlow;

/// Rows of the macroblocks above that are kept: of luma, and of each colour difference. The filter changes three of either and reads a fourth.
const KEPT: usize = 8;

/// Samples a macroblock side.
const SIDE: usize = 16;

#[derive(Debug)]
pub(super) struct Band {
    filter: Filter,
    /// Of the picture.
    width: usize,
    /// Rows of the picture that have not been handed on.
    left: usize,
    /// Whether there are rows of macroblocks above.
    has_above: bool,
    luma: Plane,
    u: Plane,
    v: Plane,
}

#[derive(Debug)]
struct Plane {
    samples: Vec<u8>,
    stride: usize,
}

impl Plane {
    fn new(stride: usize, rows: usize) -> Self {
        Self { samples: vec![0; stride * rows], stride }
    }

    #[inline(always)]
    fn set<const N: usize>(&mut self, x: usize, y: usize, chunk: [u8; N]) {
        let rest = self.samples.get_mut(y * self.stride + x..);
        if let Some(place) = rest.and_then(|rest| rest.first_chunk_mut()) {
            *place = chunk;
        }
    }

    /// A row of which the samples beyond the first `width` are like the last of those.
    fn finished(&mut self, y: usize, width: usize) -> &[u8] {
        let row = self.samples.get_mut(y * self.stride..(y + 1) * self.stride).unwrap_or_default();
        if let Some((picture, beyond)) = row.split_at_mut_checked(width)
            && let Some(last) = picture.last()
        {
            beyond.fill(*last);
        }
        row
    }

    /// Puts the rows from `from` on at the top.
    fn keep(&mut self, from: usize) {
        self.samples.copy_within(from * self.stride.., 0);
    }
}

impl Band {
    pub(super) fn new((width, height): (u32, u32), filter: Filter) -> Self {
        let across = width.div_ceil(16) as usize;
        let chroma = || Plane::new(across * SIDE / 2, (KEPT + SIDE) / 2);
        Self {
            filter,
            width: width as usize,
            left: height as usize,
            has_above: false,
            luma: Plane::new(across * SIDE, KEPT + SIDE),
            u: chroma(),
            v: chroma(),
        }
    }

    /// Puts the samples of macroblock `x` into its place.
    #[inline(always)]
    pub(super) fn put(&mut self, x: usize, samples: &Samples) {
        for y in 0..SIDE {
            self.luma.set(x * SIDE, KEPT + y, samples.luma_row(y));
        }
        for y in 0..SIDE / 2 {
            let row = samples.chroma_row(y);
            let [u, v] = [row.first_chunk::<8>(), row.last_chunk::<8>()].map(|half| *half.unwrap_or(&[0; 8]));
            self.u.set(x * SIDE / 2, KEPT / 2 + y, u);
            self.v.set(x * SIDE / 2, KEPT / 2 + y, v);
        }
    }

    /// Hands on all rows that no filter will change any more, and makes room for the next macroblocks.
    pub(super) fn hand_on(&mut self, is_last: bool, pairs: &mut dyn Pairs) -> ControlFlow<()> {
        let is_filtered = self.filter != Filter::None;
        let first = if is_filtered && self.has_above { 0 } else { KEPT };
        let end = if is_filtered && !is_last { SIDE } else { KEPT + SIDE };
        for y in (first..end).step_by(2) {
            if self.left == 0 {
                return ControlFlow::Break(());
            }
            let half = self.width.div_ceil(2);
            if self.left > 1 {
                self.luma.finished(y + 1, self.width);
            }
            self.luma.finished(y, self.width);
            let stride = self.luma.stride;
            let rows = self.luma.samples.get(y * stride..(y + 2) * stride).unwrap_or_default();
            let (one, other) = rows.split_at(stride);
            let pair = Pair {
                luma: (one, (self.left > 1).then_some(other)),
                u: self.u.finished(y / 2, half),
                v: self.v.finished(y / 2, half),
            };
            pairs.pair(pair)?;
            self.left = self.left.saturating_sub(2);
        }
        if is_filtered {
            self.luma.keep(SIDE);
            self.u.keep(SIDE / 2);
            self.v.keep(SIDE / 2);
        }
        self.has_above = true;
        ControlFlow::Continue(())
    }

    /// Filters the row of macroblocks, one after the other: `has_above` tells whether there is one above it. Of each, the edges come in their
    /// order: the left one, those within from the left, the upper one, those within from the top.
    pub(super) fn smooth(&mut self, has_above: bool, macroblocks: impl Iterator<Item = Smoothed>) {
        let is_simple = self.filter == Filter::Simple;
        for (x, Smoothed { strength, is_inside }) in macroblocks.enumerate() {
            if strength.edge_limit == 0 {
                continue;
            }
            let inner = Limits {
                edge: strength.edge_limit,
                interior: strength.interior_limit,
                variance: strength.variance_threshold,
            };
            // Section 15.2: edges between macroblocks are filtered more.
            let outer = Limits { edge: inner.edge.saturating_add(4), ..inner };
            if is_simple {
                self.smooth_simply(x, has_above, is_inside, (outer, inner));
            } else {
                self.smooth_normally(x, has_above, is_inside, (outer, inner));
            }
        }
    }

    fn smooth_simply(
        &mut self,
        x: usize,
        has_above: bool,
        is_inside: bool,
        (outer, inner): (Limits, Limits),
    ) {
        let left = x * SIDE;
        if x > 0 {
            self.luma.beside(left, Kind::Simple, outer);
        }
        if is_inside {
            [4, 8, 12].into_iter().for_each(|at| self.luma.beside(left + at, Kind::Simple, inner));
        }
        if has_above {
            self.luma.above((left, KEPT), Kind::Simple, outer);
        }
        if is_inside {
            [4, 8, 12].into_iter().for_each(|at| self.luma.above((left, KEPT + at), Kind::Simple, inner));
        }
    }

    fn smooth_normally(
        &mut self,
        x: usize,
        has_above: bool,
        is_inside: bool,
        (outer, inner): (Limits, Limits),
    ) {
        let (left, half) = (x * SIDE, x * SIDE / 2);
        let mut chroma = Both { u: &mut self.u, v: &mut self.v };
        if x > 0 {
            self.luma.beside(left, Kind::Outer, outer);
            chroma.beside(half, Kind::Outer, outer);
        }
        if is_inside {
            [4, 8, 12].into_iter().for_each(|at| self.luma.beside(left + at, Kind::Inner, inner));
            chroma.beside(half + 4, Kind::Inner, inner);
        }
        if has_above {
            self.luma.above((left, KEPT), Kind::Outer, outer);
            chroma.above((half, KEPT / 2), Kind::Outer, outer);
        }
        if is_inside {
            [4, 8, 12].into_iter().for_each(|at| self.luma.above((left, KEPT + at), Kind::Inner, inner));
            chroma.above((half, KEPT / 2 + 4), Kind::Inner, inner);
        }
    }
}

/// The three filters. Which it is is told while the code runs, so that all that is around them is compiled once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Simple,
    /// Between macroblocks.
    Outer,
    /// Within them.
    Inner,
}

#[inline(never)]
fn along(lines: &mut Lines, kind: Kind, limits: Limits) {
    match kind {
        Kind::Simple => kernels::simple_edge(lines, limits),
        Kind::Outer => kernels::macroblock_edge(lines, limits),
        Kind::Inner => kernels::inner_edge(lines, limits),
    }
}

#[inline(never)]
fn across(rows: &mut Across, kind: Kind, limits: Limits) {
    let mut lines = kernels::transposed(rows);
    along(&mut lines, kind, limits);
    *rows = kernels::transposed_back(&lines);
}

impl Plane {
    /// Filters the edge to the left of column `x`, of luma.
    #[inline(never)]
    fn beside(&mut self, x: usize, kind: Kind, limits: Limits) {
        let mut rows = [[0; 8]; 16];
        self.gather(x - 4, KEPT, &mut rows);
        across(&mut rows, kind, limits);
        self.scatter(x - 4, KEPT, &rows);
    }

    /// Filters the edge above row `y`, of luma.
    #[inline(never)]
    fn above(&mut self, (x, y): (usize, usize), kind: Kind, limits: Limits) {
        let mut lines = [[0; 16]; 8];
        self.gather(x, y - 4, &mut lines);
        along(&mut lines, kind, limits);
        self.scatter(x, y - 4, &lines);
    }

    /// Copies a rectangle whose first sample is at `x`, `y`.
    #[inline(never)]
    fn gather<const N: usize>(&self, x: usize, y: usize, rows: &mut [[u8; N]]) {
        let from = self.samples.get(y * self.stride..).unwrap_or_default().chunks_exact(self.stride);
        for (to, from) in rows.iter_mut().zip(from) {
            if let Some(chunk) = from.get(x..).and_then(|rest| rest.first_chunk()) {
                *to = *chunk;
            }
        }
    }

    #[inline(never)]
    fn scatter<const N: usize>(&mut self, x: usize, y: usize, rows: &[[u8; N]]) {
        let to = self.samples.get_mut(y * self.stride..).unwrap_or_default().chunks_exact_mut(self.stride);
        for (from, to) in rows.iter().zip(to) {
            if let Some(chunk) = to.get_mut(x..).and_then(|rest| rest.first_chunk_mut()) {
                *chunk = *from;
            }
        }
    }
}

/// Both colour differences, whose edges are filtered together.
struct Both<'a> {
    u: &'a mut Plane,
    v: &'a mut Plane,
}

impl Both<'_> {
    /// Filters the edges to the left of column `x`.
    #[inline(never)]
    fn beside(&mut self, x: usize, kind: Kind, limits: Limits) {
        let mut rows = [[0; 8]; 16];
        let (u, v) = rows.split_at_mut(8);
        self.u.gather(x - 4, KEPT / 2, u);
        self.v.gather(x - 4, KEPT / 2, v);
        across(&mut rows, kind, limits);
        let (u, v) = rows.split_at(8);
        self.u.scatter(x - 4, KEPT / 2, u);
        self.v.scatter(x - 4, KEPT / 2, v);
    }

    /// Filters the edges above row `y`.
    #[inline(never)]
    fn above(&mut self, (x, y): (usize, usize), kind: Kind, limits: Limits) {
        let (mut u, mut v) = ([[0; 8]; 8], [[0; 8]; 8]);
        self.u.gather(x, y - 4, &mut u);
        self.v.gather(x, y - 4, &mut v);
        let mut lines = [[0; 16]; 8];
        for (line, halves) in lines.iter_mut().zip(u.iter().zip(&v)) {
            line[..8].copy_from_slice(halves.0);
            line[8..].copy_from_slice(halves.1);
        }
        along(&mut lines, kind, limits);
        for (line, halves) in lines.iter().zip(u.iter_mut().zip(&mut v)) {
            halves.0.copy_from_slice(&line[..8]);
            halves.1.copy_from_slice(&line[8..]);
        }
        self.u.scatter(x, y - 4, &u);
        self.v.scatter(x, y - 4, &v);
    }
}
