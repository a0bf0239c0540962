//! The decoder against two others: `dwebp` of libwebp, where it is installed, and the crate `image-webp`. All samples are theirs, to the bit.

use super::*;
use crate::decode::other_programs::run;
use crate::inspect::webp::{Bitstream, Chunks, Pixels};
use image_webp::vp8::Vp8Decoder;
use std::path::PathBuf;
use std::process::Command;

/// All samples of a picture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Planes {
    size: (usize, usize),
    luma: Vec<u8>,
    u: Vec<u8>,
    v: Vec<u8>,
}

impl Planes {
    fn new((width, height): (u32, u32)) -> Self {
        Self { size: (width as usize, height as usize), ..Self::default() }
    }

    /// The name of the first plane that differs, and where.
    fn difference(&self, other: &Self) -> Option<String> {
        if self.size != other.size {
            return Some(format!("{:?}, not {:?}", self.size, other.size));
        }
        let width = self.size.0;
        [
            ("luma", width, &self.luma, &other.luma),
            ("u", width.div_ceil(2), &self.u, &other.u),
            ("v", width.div_ceil(2), &self.v, &other.v),
        ]
        .into_iter()
        .find_map(|(name, width, one, other)| {
            if one.len() != other.len() {
                return Some(format!("{name}: {} samples, not {}", one.len(), other.len()));
            }
            let at = one.iter().zip(other).position(|(a, b)| a != b)?;
            Some(format!("{name}: {}, not {} at {}, {}", one[at], other[at], at % width, at / width))
        })
    }
}

impl Pairs for Planes {
    fn pair(&mut self, pair: Pair<'_>) -> ControlFlow<()> {
        let width = self.size.0;
        for row in std::iter::once(pair.luma.0).chain(pair.luma.1) {
            assert!(row[width..].iter().all(|sample| *sample == row[width - 1]), "the edge is repeated");
            self.luma.extend_from_slice(&row[..width]);
        }
        self.u.extend_from_slice(&pair.u[..width.div_ceil(2)]);
        self.v.extend_from_slice(&pair.v[..width.div_ceil(2)]);
        ControlFlow::Continue(())
    }
}

/// The first lossy picture of a file, and its size.
fn lossy(file: &[u8]) -> Option<(&[u8], (u32, u32))> {
    match Bitstream::find(Chunks::of_file(file)).unwrap()? {
        Bitstream { width, height, pixels: Pixels::Lossy { vp8, .. } } => Some((vp8, (width, height))),
        _ => None,
    }
}

fn ours(vp8: &[u8], size: (u32, u32)) -> Planes {
    let mut planes = Planes::new(size);
    decode(vp8, size, Smoothing::AsStated, &mut planes).unwrap();
    planes
}

/// Those of the crate, whose planes are of whole macroblocks.
fn of_image_webp(vp8: &[u8]) -> Planes {
    let frame = Vp8Decoder::decode_frame(vp8).unwrap();
    let (width, height) = (usize::from(frame.width), usize::from(frame.height));
    let stride = width.next_multiple_of(16);
    let cut = |plane: &[u8], stride: usize, width: usize, height: usize| {
        plane.chunks_exact(stride).take(height).flat_map(|row| row[..width].to_vec()).collect()
    };
    let (half, half_height) = (width.div_ceil(2), height.div_ceil(2));
    Planes {
        size: (width, height),
        luma: cut(&frame.ybuf, stride, width, height),
        u: cut(&frame.ubuf, stride / 2, half, half_height),
        v: cut(&frame.vbuf, stride / 2, half, half_height),
    }
}

fn are_installed() -> bool {
    ["cwebp", "dwebp"].iter().all(|name| Command::new(name).arg("-version").output().is_ok())
}

/// Those of libwebp; without dithering, which that program adds by itself.
fn of_dwebp(file: &[u8], (width, height): (u32, u32)) -> Planes {
    let output = run(Command::new("dwebp").args(["-nodither", "-yuv", "-o", "-", "--", "-"]), file);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut planes = Planes::new((width, height));
    let (luma, chroma) = output.stdout.split_at(planes.size.0 * planes.size.1);
    // Alpha comes last, where there is some.
    let length = planes.size.0.div_ceil(2) * planes.size.1.div_ceil(2);
    let (u, v) = chroma[..2 * length].split_at(length);
    (planes.luma, planes.u, planes.v) = (luma.to_vec(), u.to_vec(), v.to_vec());
    planes
}

/// A picture of a bit of everything, as PPM: slopes, edges, noise, flat parts, saturated colours.
fn drawn(width: usize, height: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut file = format!("P6\n{width} {height}\n255\n").into_bytes();
    for y in 0..height {
        for x in 0..width {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = if x > width / 2 { state >> 26 } else { 0 } as usize;
            let is_inside =
                (x * 2).abs_diff(width).pow(2) + (y * 2).abs_diff(height).pow(2) < height * height / 2;
            let (disc, bars) = (if is_inside { 150 } else { 0 }, if y % 23 < 3 { 255 } else { 0 });
            file.extend([
                (x * 2 + noise + disc) as u8,
                (y + x / 2 + noise).min(255) as u8 | bars as u8,
                255_usize.saturating_sub(y * 3).saturating_add(noise + disc).min(255) as u8,
            ]);
        }
    }
    file
}

fn assert_same(file: &[u8], name: &str) {
    let (vp8, size) = lossy(file).unwrap();
    let planes = ours(vp8, size);
    if let Some(difference) = planes.difference(&of_dwebp(file, size)) {
        panic!("{name}: {difference} of dwebp");
    }
    if let Some(difference) = planes.difference(&of_image_webp(vp8)) {
        panic!("{name}: {difference} of image-webp");
    }
}

#[test]
fn samples_are_those_of_libwebp_for_all_settings_of_its_encoder() {
    if !are_installed() {
        return;
    }
    let large = drawn(237, 151);
    let mut settings: Vec<String> = Vec::new();
    for quality in (0..=100).step_by(10) {
        settings.push(format!("-q {quality}"));
        settings.push(format!("-q {quality} -m 0 -sns 100 -f 60 -segments 4"));
    }
    for method in 0..=6 {
        settings.push(format!("-q 60 -m {method}"));
        settings.push(format!("-q 15 -m {method} -segments 1 -partition_limit 90"));
    }
    for strength in [0, 1, 20, 45, 80, 100] {
        for sharpness in [0, 3, 7] {
            settings.push(format!("-q 40 -f {strength} -sharpness {sharpness} -strong"));
            settings.push(format!("-q 40 -f {strength} -sharpness {sharpness} -nostrong"));
        }
    }
    for sns in [0, 30, 80, 100] {
        for segments in 1..=4 {
            settings.push(format!("-q 55 -sns {sns} -segments {segments} -af"));
        }
    }
    for preset in ["default", "photo", "picture", "drawing", "icon", "text"] {
        settings.push(format!("-preset {preset} -q 70 -jpeg_like"));
    }
    for pass in [1, 6, 10] {
        settings.push(format!("-pass {pass} -size 3000"));
    }
    settings.push("-q 50 -pre 1 -sharp_yuv".into());
    settings.push("-q 99 -pre 2".into());
    for setting in &settings {
        let file = encoded(&large, setting);
        assert_same(&file, setting);
    }
    assert!(settings.len() > 90);
}

fn encoded(picture: &[u8], setting: &str) -> Vec<u8> {
    let arguments = setting.split(' ').chain(["-quiet", "-o", "-", "--", "-"]);
    let output = run(Command::new("cwebp").args(arguments), picture);
    assert!(output.status.success(), "{setting}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
fn samples_are_those_of_libwebp_for_all_sizes() {
    if !are_installed() {
        return;
    }
    let sizes =
        [(1, 1), (1, 50), (50, 1), (2, 2), (15, 17), (16, 16), (17, 33), (31, 8), (33, 100), (640, 3)];
    for (width, height) in sizes {
        let picture = drawn(width, height);
        for setting in ["-q 5", "-q 30 -strong", "-q 60 -nostrong -f 50", "-q 95 -m 6"] {
            assert_same(&encoded(&picture, setting), &format!("{width} x {height} {setting}"));
        }
    }
}

/// A key frame of the encoder of libvpx, in a file.
fn of_vpxenc(width: usize, height: usize, setting: &str) -> Vec<u8> {
    let mut state = 3_u32;
    let mut noise = |strength: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (((state >> 16) * strength) >> 16) as usize
    };
    let mut planes = Vec::new();
    for (width, height, slope) in [
        (width, height, 2),
        (width.div_ceil(2), height.div_ceil(2), 1),
        (width.div_ceil(2), height.div_ceil(2), 3),
    ] {
        let sample = |i: usize| ((i % width) * slope + i / width + noise(40)) as u8;
        planes.extend((0..width * height).map(sample));
    }
    let (width, height) = (width.to_string(), height.to_string());
    let arguments = ["--codec=vp8", "--i420", "-w", &width, "-h", &height, "--limit=1", "--ivf", "-q"];
    let output =
        run(Command::new("vpxenc").args(arguments).args(setting.split(' ')).args(["-o", "-", "-"]), &planes);
    assert!(output.status.success(), "{setting}: {}", String::from_utf8_lossy(&output.stderr));
    // 32 bytes of header, then of the frame its length and 8 bytes of time.
    let (length, rest) = output.stdout[32..].split_first_chunk::<4>().unwrap();
    let frame = &rest[8..][..u32::from_le_bytes(*length) as usize];
    let padding = vec![0; frame.len() % 2];
    let chunk = [b"WEBPVP8 ".as_slice(), length, frame, &padding].concat();
    [b"RIFF".as_slice(), &(chunk.len() as u32).to_le_bytes(), &chunk].concat()
}

#[test]
fn samples_are_those_of_libwebp_for_files_of_libvpx() {
    if !are_installed() || Command::new("vpxenc").arg("--help").output().is_err() {
        return;
    }
    for (width, height) in [(200, 333), (17, 33), (64, 16)] {
        for partitions in 0..=3 {
            for profile in 0..=3 {
                for more in ["--min-q=2 --max-q=12", "--min-q=50 --max-q=63 --sharpness=5"] {
                    let setting = format!("--token-parts={partitions} --profile={profile} {more}");
                    let file = of_vpxenc(width, height, &setting);
                    assert_same(&file, &format!("{width} x {height} {setting}"));
                    let (vp8, size) = lossy(&file).unwrap();
                    let header = header::Header::read(vp8, size).unwrap();
                    assert_eq!(header.partitions.len(), 1 << partitions);
                }
            }
        }
    }
}

#[test]
fn samples_of_the_fixtures_are_those_of_image_webp_and_of_libwebp() {
    let mut seen = 0;
    let here: PathBuf = env!("CARGO_MANIFEST_DIR").into();
    // Real photographs, where they are.
    for folder in ["tests/fixtures", "tests/fixtures/containers", "../../shared/photos"] {
        for entry in std::fs::read_dir(here.join(folder)).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|kind| kind != "webp") {
                continue;
            }
            let file = std::fs::read(&path).unwrap();
            let Some((vp8, size)) = lossy(&file) else { continue };
            let planes = ours(vp8, size);
            let difference = planes.difference(&of_image_webp(vp8));
            assert_eq!(difference, None, "{}", path.display());
            if are_installed() {
                assert_eq!(planes.difference(&of_dwebp(&file, size)), None, "{}", path.display());
            }
            seen += 1;
        }
    }
    assert!(seen >= 6, "{seen}");
}
