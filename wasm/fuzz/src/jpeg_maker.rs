//! Good JPEG files of every kind that is to be decoded, from a script: all samplings, restart intervals, shapes of code, sequential and
//! progressive scans. What is in them is known to the coefficient, so that the samples are known by definition.

mod huffman;
mod scan;

use super::script::Script;
use huffman::Table;
use scan::{Block, Part, Writer};
use std::f64::consts::{PI, SQRT_2};

/// Longest side in pixels.
const MOST_PIXELS: u8 = 70;

/// What the three components mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    Gray,
    YCbCr,
    Rgb,
}

pub struct Component {
    /// Sampling factors.
    pub across: usize,
    pub down: usize,
    /// Samples that belong to the picture.
    pub width: usize,
    pub height: usize,
    /// Blocks a row, with those that fill up the last unit.
    blocks_across: usize,
    blocks: Vec<Block>,
    /// In zigzag order.
    steps: [u16; 64],
}

pub struct Made {
    pub file: Vec<u8>,
    pub width: usize,
    pub height: usize,
    pub color: Color,
    pub components: Vec<Component>,
    /// Sampled as cameras do, and not far out of range: all components in one scan or progressive: what every decoder reads.
    pub is_ordinary: bool,
}

/// How the coefficients are written down.
#[derive(Clone, Copy)]
struct Coding {
    color: Color,
    is_progressive: bool,
    /// Whether a scan has all components where it may.
    is_interleaved: bool,
}

/// How large the coefficients are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    /// One value for a whole component.
    Flat,
    /// Hardly any sample reaches an end of the range.
    Calm,
    /// Many do.
    Wild,
}

/// Luma, or the only component, and the two others: sampling factors. A scan of all three has ten blocks a unit at most (B.2.3).
const SAMPLINGS: [[(usize, usize); 3]; 14] = [
    [(1, 1), (1, 1), (1, 1)],
    [(2, 2), (1, 1), (1, 1)],
    [(2, 1), (1, 1), (1, 1)],
    [(1, 2), (1, 1), (1, 1)],
    [(4, 1), (1, 1), (1, 1)],
    [(4, 2), (1, 1), (1, 1)],
    [(1, 4), (1, 1), (1, 1)],
    [(2, 2), (2, 1), (1, 2)],
    [(2, 2), (2, 1), (2, 1)],
    [(2, 2), (2, 2), (1, 1)],
    [(4, 1), (2, 1), (1, 1)],
    [(2, 2), (1, 2), (1, 2)],
    [(2, 1), (2, 1), (2, 1)],
    [(1, 1), (2, 1), (2, 2)],
];

/// Draws a picture and writes it.
pub fn make(script: &mut Script) -> Made {
    let (width, height) = (side(script), side(script));
    let color = script.choose(&[Color::YCbCr, Color::Gray, Color::Rgb]);
    let sampling = script.choose(&SAMPLINGS);
    let coding =
        Coding { color, is_progressive: script.byte() % 2 == 1, is_interleaved: script.byte() % 3 != 1 };
    let content = script.choose(&[Content::Calm, Content::Flat, Content::Wild]);
    let count = if color == Color::Gray { 1 } else { 3 };
    let components = components(&sampling[..count], (width, height), content, script);
    let file = file(&components, (width, height), coding, script);
    let is_ordinary = content != Content::Wild
        && SAMPLINGS[..3].contains(&sampling)
        && (coding.is_progressive || coding.is_interleaved);
    Made { file, width, height, color, components, is_ordinary }
}

fn side(script: &mut Script) -> usize {
    usize::from(1 + script.byte() % MOST_PIXELS)
}

fn components(
    sampling: &[(usize, usize)],
    (width, height): (usize, usize),
    content: Content,
    script: &mut Script,
) -> Vec<Component> {
    let most_across = sampling.iter().map(|factor| factor.0).max().unwrap();
    let most_down = sampling.iter().map(|factor| factor.1).max().unwrap();
    let units = (width.div_ceil(8 * most_across), height.div_ceil(8 * most_down));
    let most_step = script.choose(&[1, 3, 16, 120]);
    let component = |&(across, down): &(usize, usize)| {
        let (blocks_across, blocks_down) = (units.0 * across, units.1 * down);
        let steps = std::array::from_fn(|_| 1 + script.random(most_step) as u16);
        let first = block(content, &steps, script);
        let blocks = (0..blocks_across * blocks_down)
            .map(|_| if content == Content::Flat { first } else { block(content, &steps, script) })
            .collect();
        Component {
            across,
            down,
            width: (width * across).div_ceil(most_across),
            height: (height * down).div_ceil(most_down),
            blocks_across,
            blocks,
            steps,
        }
    };
    sampling.iter().map(component).collect()
}

fn block(content: Content, steps: &[u16; 64], script: &mut Script) -> Block {
    // Largest DC and AC coefficients, after dequantisation, and how many AC ones.
    let (dc, ac, count) = match content {
        Content::Flat => (700, 0, 0),
        Content::Calm => (250, 40, script.random(6)),
        Content::Wild => (1000, 500, script.random(24)),
    };
    let mut block = [0; 64];
    let value = |most: i32, step: u16, script: &mut Script| {
        let most = most / i32::from(step);
        script.random(2 * most as u32 + 1) as i32 - most
    };
    block[0] = value(dc, steps[0], script);
    for _ in 0..count {
        // Low ones more often.
        let at = 1 + script.random(63).min(script.random(63)) as usize;
        block[at] = value(ac, steps[at], script);
    }
    block
}

struct File {
    bytes: Vec<u8>,
    /// Bytes of FF before a marker, beyond its own: B.1.1.2 allows any number.
    fill: usize,
}

impl File {
    fn segment(&mut self, marker: u8, content: &[u8]) {
        self.bytes.extend(std::iter::repeat_n(0xff, 1 + self.fill));
        self.bytes.push(marker);
        self.bytes.extend(((content.len() + 2) as u16).to_be_bytes());
        self.bytes.extend(content);
    }
}

/// The whole file: ITU-T T.81, annex B.
fn file(
    components: &[Component],
    (width, height): (usize, usize),
    Coding { color, is_progressive, is_interleaved }: Coding,
    script: &mut Script,
) -> Vec<u8> {
    let is_marked = script.byte().is_multiple_of(2);
    let mut file = File { bytes: vec![0xff, 0xd8], fill: usize::from(script.byte() % 3) };
    let interval = usize::from(script.choose(&[0u8, 1, 2, 3, 7]));
    let (dc, ac) = (Table::dc(script), Table::ac(script));

    match color {
        Color::Rgb => file.segment(0xee, b"Adobe\0\x64\0\0\0\0\0"),
        Color::YCbCr if is_marked => file.segment(0xee, b"Adobe\0\x64\0\0\0\0\x01"),
        _ if is_marked => file.segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        _ => {}
    }
    for (slot, component) in components.iter().enumerate() {
        let steps = component.steps.iter().map(|step| *step as u8);
        file.segment(0xdb, &std::iter::once(slot as u8).chain(steps).collect::<Vec<u8>>());
    }
    let mut frame = vec![8];
    frame.extend((height as u16).to_be_bytes());
    frame.extend((width as u16).to_be_bytes());
    frame.push(components.len() as u8);
    for (slot, component) in components.iter().enumerate() {
        frame.extend([slot as u8 + 1, (component.across << 4 | component.down) as u8, slot as u8]);
    }
    file.segment(if is_progressive { 0xc2 } else { 0xc0 }, &frame);
    file.segment(0xc4, &[dc.segment(0, 0), ac.segment(1, 0)].concat());
    if interval > 0 {
        file.segment(0xdd, &(interval as u16).to_be_bytes());
    }
    for (of, part) in scans(components.len(), (is_progressive, is_interleaved), script) {
        let mut header = vec![of.len() as u8];
        header.extend(of.iter().flat_map(|slot| [*slot as u8 + 1, 0]));
        header.extend([part.band.0, part.band.1, part.before.unwrap_or(0) << 4 | part.after]);
        file.segment(0xda, &header);
        let mut writer = Writer::new(part, &dc, &ac);
        write_units(&mut writer, components, &of, interval);
        file.bytes.extend(writer.bits.bytes);
    }
    file.bytes.extend([0xff, 0xd9]);
    file.bytes
}

/// The scans in their order: which components, and what of them.
fn scans(
    count: usize,
    (is_progressive, is_interleaved): (bool, bool),
    script: &mut Script,
) -> Vec<(Vec<usize>, Part)> {
    let groups: Vec<Vec<usize>> =
        if is_interleaved { vec![(0..count).collect()] } else { (0..count).map(|slot| vec![slot]).collect() };
    let whole = Part { band: (0, 63), before: None, after: 0, is_progressive };
    if !is_progressive {
        return groups.into_iter().map(|group| (group, whole)).collect();
    }
    let mut list = Vec::new();
    let left_of_dc = script.byte() % 3;
    let dc = Part { band: (0, 0), after: left_of_dc, ..whole };
    list.extend(groups.iter().map(|group| (group.clone(), dc)));
    let bands: &[(u8, u8)] = script.choose(&[
        [(1, 63)].as_slice(),
        &[(1, 5), (6, 63)],
        &[(1, 1), (2, 2), (3, 20), (21, 63)],
        &[(6, 63), (1, 5)],
    ]);
    let left_of_ac = script.byte() % 3;
    for slot in 0..count {
        list.extend(bands.iter().map(|band| (vec![slot], Part { band: *band, after: left_of_ac, ..whole })));
    }
    // One bit more a scan, AC of all components and then DC.
    for after in (0..left_of_ac).rev() {
        for slot in 0..count {
            let finer = |band: &(u8, u8)| Part { band: *band, before: Some(after + 1), after, ..whole };
            list.extend(bands.iter().map(|band| (vec![slot], finer(band))));
        }
    }
    for after in (0..left_of_dc).rev() {
        let finer = Part { band: (0, 0), before: Some(after + 1), after, ..whole };
        list.extend(groups.iter().map(|group| (group.clone(), finer)));
    }
    list
}

/// The blocks of a scan in their order (A.2): by units of all components, or by rows where there is only one.
fn write_units(writer: &mut Writer, components: &[Component], of: &[usize], interval: usize) {
    let mut units: Vec<Vec<(usize, &Block)>> = Vec::new();
    if let [slot] = *of {
        let component = &components[slot];
        for row in 0..component.height.div_ceil(8) {
            let blocks = component.blocks[row * component.blocks_across..].iter();
            units.extend(blocks.take(component.width.div_ceil(8)).map(|block| vec![(slot, block)]));
        }
    } else {
        let Component { across, down, blocks_across, blocks, .. } = &components[0];
        let (units_across, units_down) = (blocks_across / across, blocks.len() / blocks_across / down);
        for (row, column) in
            (0..units_down).flat_map(|row| (0..units_across).map(move |column| (row, column)))
        {
            let blocks = of.iter().flat_map(|&slot| {
                let Component { across, down, blocks_across, blocks, .. } = &components[slot];
                let places = (0..*down).flat_map(|y| (0..*across).map(move |x| (x, y)));
                places.map(move |(x, y)| {
                    (slot, &blocks[(row * down + y) * blocks_across + column * across + x])
                })
            });
            units.push(blocks.collect());
        }
    }
    for (at, unit) in units.into_iter().enumerate() {
        if interval > 0 && at > 0 && at % interval == 0 {
            writer.restart((at / interval - 1) as u8);
        }
        for (slot, block) in unit {
            writer.block(slot, block);
        }
    }
    writer.end_interval();
}

impl Component {
    /// Samples by the definition of the inverse DCT (A.3.3), rounded and held within 0..=255, of the picture's own part: row by row.
    pub fn samples(&self) -> Vec<f64> {
        let basis: [[f64; 8]; 8] = std::array::from_fn(|x| {
            std::array::from_fn(|u| {
                let scale = if u == 0 { 1.0 / SQRT_2 } else { 1.0 };
                scale * ((2 * x + 1) as f64 * u as f64 * PI / 16.0).cos() / 2.0
            })
        });
        let mut samples = vec![0.0; self.width * self.height];
        for (at, block) in self.blocks.iter().enumerate() {
            let mut frequencies = [[0.0; 8]; 8];
            for (index, place) in ZIGZAG.iter().enumerate() {
                frequencies[usize::from(place / 8)][usize::from(place % 8)] =
                    f64::from(block[index] * i32::from(self.steps[index]));
            }
            let (left, top) = (at % self.blocks_across * 8, at / self.blocks_across * 8);
            for (y, x) in (0..8).flat_map(|y| (0..8).map(move |x| (y, x))) {
                if left + x < self.width && top + y < self.height {
                    let sum = |v: usize| -> f64 { (0..8).map(|u| frequencies[v][u] * basis[x][u]).sum() };
                    let value: f64 = (0..8).map(|v| basis[y][v] * sum(v)).sum();
                    samples[(top + y) * self.width + left + x] = (value + 128.0).round().clamp(0.0, 255.0);
                }
            }
        }
        samples
    }
}

/// Where the coefficients of a block stand, in the order in which they are coded (figure A.6).
const ZIGZAG: [u8; 64] = {
    let mut order = [0; 64];
    let (mut at, mut diagonal) = (0, 0);
    while diagonal < 15 {
        let mut step = 0;
        while step <= diagonal {
            // Even diagonals run upwards.
            let (row, column) =
                if diagonal % 2 == 0 { (diagonal - step, step) } else { (step, diagonal - step) };
            if row < 8 && column < 8 {
                order[at] = (row * 8 + column) as u8;
                at += 1;
            }
            step += 1;
        }
        diagonal += 1;
    }
    order
};
