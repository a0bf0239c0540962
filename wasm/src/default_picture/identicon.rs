//! A pattern of the seed's own: blocks of four by four tiles, one in the middle and, where the picture is not square, the same beside it.
//!
//! A quarter of a block is two by two tiles. It is mirrored to both sides, or turned about the middle. The tiles are of few shapes that go well
//! together; shapes of one tone that meet are one shape.

use super::canvas::Layer;
use super::geometry::{Point, Shape};
use super::palette::{Choices, Tones};
use super::path::{Placement, Step, a, l, m, pixels};

/// Side of a tile, in units.
const SIDE: i16 = 120;
const HALF: i16 = SIDE / 2;

/// The closed outline of a drawing that fills a tile in part. All but the half disc are symmetric about the diagonal from the tile's first corner.
type Drawing = &'static [Step];

const QUARTER_DISC: Drawing = &[m(0, 0), a(0, 0, SIDE, SIDE, 0, 90)];
const QUARTER_RING: Drawing = &[a(0, 0, SIDE, SIDE, 0, 90), a(0, 0, HALF, HALF, 90, 0)];
const TRIANGLE: Drawing = &[m(0, 0), l(SIDE, 0), l(0, SIDE)];
const HOLLOW: Drawing = &[m(SIDE, SIDE), l(0, SIDE), a(0, 0, SIDE, SIDE, 90, 0)];
const LEAF_ACROSS: Drawing = &[a(0, 0, SIDE, SIDE, 0, 90), a(SIDE, SIDE, SIDE, SIDE, 180, 270)];
const LEAF_ALONG: Drawing = &[a(0, SIDE, SIDE, SIDE, -90, 0), a(SIDE, 0, SIDE, SIDE, 90, 180)];
const DISC: Drawing = &[a(HALF, HALF, 38, 38, 0, 360)];
const HALF_DISC: Drawing = &[a(0, HALF, HALF, HALF, -90, 90)];

/// By how much they are to be seen: in the middle of a block no small ones, in its corners, which a round mask cuts off, nothing that has to be seen.
const INNER: [Drawing; 6] = [QUARTER_DISC, QUARTER_RING, TRIANGLE, HOLLOW, LEAF_ACROSS, LEAF_ALONG];
const EDGE: [Drawing; 7] = [QUARTER_DISC, QUARTER_RING, TRIANGLE, HOLLOW, LEAF_ACROSS, LEAF_ALONG, HALF_DISC];
const CORNER: [Drawing; 6] = [QUARTER_DISC, QUARTER_RING, TRIANGLE, LEAF_ACROSS, LEAF_ALONG, DISC];

/// Which places are pale, the others being of the middle tone: inner, edge, corner. Neighbours of the inner tile never are of its tone.
const PALE: [[bool; 3]; 4] =
    [[true, false, false], [true, false, true], [false, true, false], [false, true, true]];

/// How the four quarters of a block follow from the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plan {
    /// Mirrored to both sides; each quarter is symmetric about its diagonal.
    Kaleidoscope,
    /// Mirrored to both sides.
    Mirrors,
    /// Turned about the middle.
    Pinwheel,
}

/// A movement of a tile onto itself: first its axes are swapped, then it is mirrored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Move {
    swap: bool,
    mirror_x: bool,
    mirror_y: bool,
}

impl Move {
    const SWAP: Self = Self { swap: true, mirror_x: false, mirror_y: false };

    /// Quarter turns clockwise.
    fn turned(times: usize) -> Self {
        let (swap, mirror_x, mirror_y) = match times % 4 {
            0 => (false, false, false),
            1 => (true, true, false),
            2 => (false, true, true),
            _ => (true, false, true),
        };
        Self { swap, mirror_x, mirror_y }
    }

    fn mirrored(mirror_x: bool, mirror_y: bool) -> Self {
        Self { swap: false, mirror_x, mirror_y }
    }

    fn of(self, point: Point, side: i64) -> Point {
        let Point { x, y } = if self.swap { Point { x: point.y, y: point.x } } else { point };
        Point { x: if self.mirror_x { side - x } else { x }, y: if self.mirror_y { side - y } else { y } }
    }
}

/// A tile of the first quarter.
#[derive(Debug, Clone, Copy)]
struct Tile {
    drawing: Drawing,
    moves: [Move; 2],
    is_pale: bool,
}

/// The tiles of a block by their places in the first quarter.
struct Block {
    plan: Plan,
    /// From the corner of the block to its middle, row by row.
    quarter: [[Tile; 2]; 2],
}

impl Block {
    fn new(choices: &Choices) -> Self {
        let plan = [Plan::Kaleidoscope, Plan::Mirrors, Plan::Pinwheel][choices.pick(2, 3)];
        let pale = PALE[choices.pick(4, PALE.len())];
        let tile = |index: usize, drawings: &[Drawing], is_pale: bool| {
            // Half turns keep the symmetry about the diagonal.
            let is_on_diagonal = index == 0 || index == 3;
            let (count, step) = if plan == Plan::Kaleidoscope && is_on_diagonal { (2, 2) } else { (4, 1) };
            let turns = choices.pick(8 + 4 * index, count) * step;
            let drawing = drawings.get(choices.pick(6 + 4 * index, drawings.len())).copied();
            let moves = [Move::turned(turns), Move::turned(0)];
            Tile { drawing: drawing.unwrap_or_default(), moves, is_pale }
        };
        let right = tile(1, &EDGE, pale[1]);
        let below = if plan == Plan::Kaleidoscope {
            Tile { moves: [right.moves[0], Move::SWAP], ..right }
        } else {
            tile(2, &EDGE, pale[1])
        };
        Self { plan, quarter: [[tile(0, &CORNER, pale[2]), right], [below, tile(3, &INNER, pale[0])]] }
    }

    /// The tile at a place of the block, 0..4 across and down, and how it is moved from the first quarter.
    fn tile(&self, column: usize, row: usize) -> (Tile, Move) {
        let (is_right, is_low) = (column >= 2, row >= 2);
        let ((x, y), moved) = if self.plan == Plan::Pinwheel {
            match (is_right, is_low) {
                (false, false) => ((column, row), Move::turned(0)),
                (true, false) => ((row, 3 - column), Move::turned(1)),
                (true, true) => ((3 - column, 3 - row), Move::turned(2)),
                (false, true) => ((3 - row, column), Move::turned(3)),
            }
        } else {
            ((column.min(3 - column), row.min(3 - row)), Move::mirrored(is_right, is_low))
        };
        (self.quarter[y % 2][x % 2], moved)
    }
}

/// The pattern for a picture of this size, in pixels.
pub(super) fn layers(choices: &Choices, tones: &Tones, (width, height): (usize, usize)) -> [Layer; 2] {
    let block = Block::new(choices);
    let side = width.min(height);
    let placement = Placement { origin: Point { x: 0, y: 0 }, unit: (pixels(side), 4 * i64::from(SIDE)) };
    let mut middle = Layer { color: tones.middle, shapes: Vec::new() };
    let mut pale = Layer { color: tones.pale, shapes: Vec::new() };
    // Left and top edges of the blocks: one in the middle, and others around it as far as there is room.
    let starts = |length: usize| {
        let beyond = (length.div_ceil(side.max(1)) / 2) as i64;
        let first = (pixels(length) - pixels(side)) / 2;
        (-beyond..=beyond).map(move |index| first + index * pixels(side))
    };
    for (column, row) in (0..4).flat_map(|row| (0..4).map(move |column| (column, row))) {
        let (tile, moved) = block.tile(column, row);
        let outline = outline(&placement, tile, moved);
        let at = |index: usize| placement.length(index as i64 * i64::from(SIDE));
        let layer = if tile.is_pale { &mut pale } else { &mut middle };
        for top in starts(height) {
            for left in starts(width) {
                let place =
                    |point: &Point| Point { x: left + at(column) + point.x, y: top + at(row) + point.y };
                layer.shapes.push(Shape::Area(outline.iter().map(place).collect()));
            }
        }
    }
    [middle, pale]
}

fn outline(placement: &Placement, tile: Tile, moved: Move) -> Vec<Point> {
    let side = placement.length(SIDE.into());
    let [first, second] = tile.moves;
    let moved = |point: Point| moved.of(second.of(first.of(point, side), side), side);
    placement.lines(tile.drawing).into_iter().flatten().map(moved).collect()
}
