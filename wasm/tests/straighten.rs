//! Pictures turned by less than a quarter, as a user of the crate sees them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use image::{DynamicImage, GenericImageView, Rgb, RgbImage, RgbaImage, imageops};
use roundel::{Color, Crop, Effort, Fit, OutputFormat, Recipe, render};
use std::f64::consts::PI;
use std::io::Cursor;
use std::path::PathBuf;

const MAGENTA: Color = Color { rgb: [255, 0, 255] };
const GREEN: Color = Color { rgb: [0, 255, 0] };

fn fixture(name: &str) -> Vec<u8> {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "fixtures", name].iter().collect();
    std::fs::read(path).unwrap()
}

fn png(picture: impl Into<DynamicImage>) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// Renders losslessly and decodes again.
fn picture(photo: &[u8], recipe: &Recipe) -> RgbaImage {
    let recipe = Recipe { format: OutputFormat::Png, ..recipe.clone() };
    let decoded = image::load_from_memory(&render(photo, &recipe).unwrap().bytes).unwrap();
    assert_eq!(decoded.dimensions(), (recipe.width, recipe.height));
    decoded.to_rgba8()
}

fn opaque(picture: RgbaImage) -> RgbImage {
    assert!(picture.pixels().all(|pixel| pixel.0[3] == 255));
    DynamicImage::ImageRgba8(picture).to_rgb8()
}

fn turned(width: u32, height: u32, straighten: i32) -> Recipe {
    Recipe { width, height, straighten, ..Recipe::default() }
}

/// The upright photo of `portrait.jpg`, 480 x 640.
fn portrait() -> RgbImage {
    opaque(picture(&fixture("portrait.jpg"), &turned(480, 640, 0)))
}

/// Largest and mean difference of a sample, 0..=255.
fn differences(a: &RgbaImage, b: &RgbaImage) -> (u8, f64) {
    assert_eq!(a.dimensions(), b.dimensions());
    let all = || a.iter().zip(b.iter()).map(|(x, y)| x.abs_diff(*y));
    let sum: u64 = all().map(u64::from).sum();
    (all().max().unwrap(), sum as f64 / a.len() as f64)
}

/// Lanczos with three lobes, from a table.
struct Lanczos(Vec<f64>);

impl Lanczos {
    const STEPS: f64 = 2048.0;

    fn new() -> Self {
        let sinc = |x: f64| if x == 0.0 { 1.0 } else { (PI * x).sin() / (PI * x) };
        let steps = 0..=(3.0 * Self::STEPS) as u32 + 1;
        Self(steps.map(|step| f64::from(step) / Self::STEPS).map(|x| sinc(x) * sinc(x / 3.0)).collect())
    }

    fn weight(&self, x: f64) -> f64 {
        if x.abs() >= 3.0 {
            return 0.0;
        }
        let (step, part) = ((x.abs() * Self::STEPS).floor(), (x.abs() * Self::STEPS).fract());
        self.0[step as usize] * (1.0 - part) + self.0[step as usize + 1] * part
    }
}

/// Along which axes the pixels of the reference are filtered.
#[derive(Clone, Copy, PartialEq)]
enum Axes {
    Source,
    Output,
}

/// Each pixel by the definition: the turned crop is resampled by Lanczos straight from the whole source, in `f64`.
fn reference(source: &RgbImage, recipe: &Recipe, axes: Axes) -> Vec<[f64; 3]> {
    let (lanczos, crop) = (Lanczos::new(), recipe.crop.unwrap());
    let (sine, cosine) = (f64::from(recipe.straighten) * PI / 18_000.0).sin_cos();
    let (width, height) = (f64::from(source.width()), f64::from(source.height()));
    let step = f64::from(crop.width) / f64::from(recipe.width);
    let stretch = step.max(1.0);
    let radius = 3.0 * stretch * (cosine + sine.abs());
    let pixel = |x: u32, y: u32| {
        // From the centre of the picture, turned back.
        let x = f64::from(crop.x) + (f64::from(x) + 0.5) * step - width / 2.0;
        let y = f64::from(crop.y) + (f64::from(y) + 0.5) * step - height / 2.0;
        let (x, y) = (width / 2.0 + x * cosine + y * sine, height / 2.0 - x * sine + y * cosine);
        let (mut sums, mut total) = ([0.0; 3], 0.0);
        for row in (y - radius).max(0.0) as u32..(y + radius).min(height) as u32 {
            for column in (x - radius).max(0.0) as u32..(x + radius).min(width) as u32 {
                let (dx, dy) =
                    ((f64::from(column) + 0.5 - x) / stretch, (f64::from(row) + 0.5 - y) / stretch);
                let (dx, dy) = match axes {
                    Axes::Source => (dx, dy),
                    Axes::Output => (dx * cosine - dy * sine, dx * sine + dy * cosine),
                };
                let weight = lanczos.weight(dx) * lanczos.weight(dy);
                total += weight;
                for (sum, sample) in sums.iter_mut().zip(source.get_pixel(column, row).0) {
                    *sum += weight * f64::from(sample);
                }
            }
        }
        sums.map(|sum| (sum / total).clamp(0.0, 255.0))
    };
    (0..recipe.height)
        .flat_map(|y| (0..recipe.width).map(move |x| (x, y)))
        .map(|(x, y)| pixel(x, y))
        .collect()
}

/// Of luma, in dB.
fn psnr(picture: &RgbImage, reference: &[[f64; 3]]) -> f64 {
    let luma = |[r, g, b]: [f64; 3]| 0.299 * r + 0.587 * g + 0.114 * b;
    let squares = picture.pixels().zip(reference).map(|(ours, theirs)| {
        let difference = luma(ours.0.map(f64::from)) - luma(*theirs);
        difference * difference
    });
    10.0 * (255.0 * 255.0 * reference.len() as f64 / squares.sum::<f64>()).log10()
}

#[test]
fn a_turned_crop_is_what_the_definition_says() {
    let source = portrait();
    let photo = png(source.clone());
    // Half the size, the same size, twice the size.
    for side in [80, 160, 320] {
        for straighten in [1, 300, -700, 1500, -3000, 4500, -4500] {
            let crop = Some(Crop { x: 150, y: 230, width: 160, height: 160 });
            let recipe = Recipe { crop, ..turned(side, side, straighten) };
            let ours = opaque(picture(&photo, &recipe));
            let exact = reference(&source, &recipe, Axes::Source);
            let along_source = psnr(&ours, &exact);
            let along_output = psnr(&ours, &reference(&source, &recipe, Axes::Output));
            assert!(along_source > 56.0, "{side} {straighten}: {along_source} dB");
            assert!(along_output > 44.0, "{side} {straighten}: {along_output} dB");
            let fast = opaque(picture(&photo, &Recipe { effort: Effort::Fast, ..recipe.clone() }));
            let fast = psnr(&fast, &exact);
            assert!(fast > 40.0, "{side} {straighten}, fast: {fast} dB");
        }
    }
}

#[test]
fn a_hundredth_of_a_degree_is_hardly_seen() {
    let photo = fixture("portrait.jpg");
    for (width, height) in [(96, 96), (480, 640), (700, 500)] {
        let straight = picture(&photo, &turned(width, height, 0));
        let barely = picture(&photo, &turned(width, height, 1));
        let (_, mean) = differences(&straight, &barely);
        assert!(mean < 0.4, "{width} x {height}: {mean}");
        assert!(differences(&straight, &picture(&photo, &turned(width, height, 300))).1 > 3.0 * mean);
    }
}

#[test]
fn the_other_way_is_the_mirror_image() {
    let photo = fixture("portrait.jpg");
    let crop = Some(Crop { x: 10, y: 25, width: 300, height: 420 });
    for straighten in [77, 1234, 4500] {
        for (fit, crop) in [(Fit::Cover, None), (Fit::Cover, crop), (Fit::Contain, crop)] {
            let recipe = Recipe { crop, fit, ..turned(101, 130, straighten) };
            let mirrored = crop.map(|crop| Crop { x: 480 - crop.x - crop.width, ..crop });
            let other = Recipe { straighten: -straighten, flip: true, crop: mirrored, ..recipe.clone() };
            let theirs = imageops::flip_horizontal(&picture(&photo, &other));
            let (most, mean) = differences(&picture(&photo, &recipe), &theirs);
            assert!(most <= 1 && mean < 0.02, "{straighten} {crop:?} {fit:?}: {most}, {mean}");
        }
    }
}

#[test]
fn positive_angles_are_clockwise_as_seen() {
    // A red spot at the right end of the middle row.
    let spot = RgbImage::from_fn(201, 101, |x, y| {
        if x.abs_diff(180) < 8 && y.abs_diff(50) < 8 { Rgb([255, 0, 0]) } else { Rgb([255; 3]) }
    });
    let whole = Some(Crop { x: 0, y: 0, width: 201, height: 101 });
    let centre = |straighten: i32| {
        let made = picture(&png(spot.clone()), &Recipe { crop: whole, ..turned(201, 101, straighten) });
        let red = made.enumerate_pixels().filter(|(.., pixel)| pixel.0[3] == 255 && pixel.0[1] < 128);
        let places: Vec<(u32, u32)> = red.map(|(x, y, _)| (x, y)).collect();
        let mean = |pick: fn(&(u32, u32)) -> u32| {
            places.iter().map(|place| f64::from(pick(place))).sum::<f64>() / places.len() as f64
        };
        (mean(|place| place.0), mean(|place| place.1))
    };
    for degrees in [5.0, 20.0, -20.0] {
        let (x, y) = centre((degrees * 100.0) as i32);
        let (sine, cosine) = (degrees * PI / 180.0_f64).sin_cos();
        let (wanted_x, wanted_y) = (100.0 + 80.0 * cosine, 50.0 + 80.0 * sine);
        assert!((x - wanted_x).abs() < 0.5 && (y - wanted_y).abs() < 0.5, "{degrees}: {x}, {y}");
    }
}

#[test]
fn every_orientation_is_turned_as_it_is_seen() {
    let recipe = Recipe { crop: Some(Crop { x: 3, y: 20, width: 70, height: 90 }), ..turned(70, 90, 2100) };
    let upright = picture(&fixture("exif-1.jpg"), &recipe);
    for number in 2..=8 {
        let (_, mean) = differences(&upright, &picture(&fixture(&format!("exif-{number}.jpg")), &recipe));
        assert!(mean < 2.0, "orientation {number}: {mean}");
    }

    let photo = fixture("portrait.jpg");
    for rotate in [0, 90, 180, 270] {
        for flip in [false, true] {
            let (width, height) = if rotate % 180 == 0 { (480, 640) } else { (640, 480) };
            let before = picture(&photo, &Recipe { rotate, flip, ..turned(width, height, 0) });
            let crop = Some(Crop { x: 60, y: 90, width: 320, height: 320 });
            let after = Recipe { crop, ..turned(160, 160, -1350) };
            let at_once = picture(&photo, &Recipe { rotate, flip, ..after.clone() });
            let (_, mean) = differences(&picture(&png(before), &after), &at_once);
            assert!(mean < 0.3, "{rotate} {flip}: {mean}");
        }
    }
}

#[test]
fn without_a_crop_nothing_beyond_the_picture_shows() {
    let wide = png(RgbImage::from_pixel(400, 37, Rgb([9, 200, 90])));
    for photo in [fixture("portrait.jpg"), fixture("progressive.jpg"), fixture("gray16.png"), wide] {
        for straighten in [1, -1, 250, -999, 2222, 4499, 4500, -4500] {
            for (width, height) in [(64, 64), (300, 100), (17, 90), (1, 1)] {
                let recipe = turned(width, height, straighten);
                // Not by a trace: what lies below would otherwise change the file.
                let on = |background: Color| {
                    render(&photo, &Recipe { background, quality: 100, ..recipe.clone() }).unwrap().bytes
                };
                assert_eq!(on(MAGENTA), on(GREEN), "{straighten}, {width} x {height}");
                opaque(picture(&photo, &recipe));
            }
        }
    }
    // As much as can be: the corners of the part that is shown lie at the edge.
    let framed = RgbImage::from_fn(300, 300, |x, y| {
        if x < 3 || y < 3 || x >= 297 || y >= 297 { Rgb([255, 0, 0]) } else { Rgb([255; 3]) }
    });
    let made = picture(&png(framed), &turned(200, 200, 2000));
    assert!(made.pixels().any(|pixel| pixel.0[1] < 30));
}

#[test]
fn what_a_crop_shows_beyond_the_picture_is_free() {
    let photo = fixture("portrait.jpg");
    let whole = Some(Crop { x: 0, y: 0, width: 480, height: 640 });
    let recipe = Recipe { crop: whole, background: MAGENTA, ..turned(120, 160, 3000) };
    let made = picture(&photo, &recipe);
    for (x, y) in [(0, 0), (119, 0), (0, 159), (119, 159)] {
        assert_eq!(made.get_pixel(x, y).0, [0; 4]);
    }
    assert_eq!(made.get_pixel(60, 80).0[3], 255);
    // The edge is neither a staircase nor a blur.
    let partly = made.pixels().filter(|pixel| !matches!(pixel.0[3], 0 | 255)).count();
    assert!((100..500).contains(&partly), "{partly}");

    let flat = render(&photo, &Recipe { quality: 100, ..recipe }).unwrap();
    let flat = image::load_from_memory(&flat.bytes).unwrap().to_rgb8();
    let corner = flat.get_pixel(1, 1).0;
    assert!(corner.iter().zip(MAGENTA.rgb).all(|(a, b)| a.abs_diff(b) <= 3), "{corner:?}");

    // A corner that is wholly free.
    let crop = Some(Crop { x: 0, y: 0, width: 60, height: 60 });
    let nothing = picture(&photo, &Recipe { crop, ..turned(50, 50, 4500) });
    assert!(nothing.pixels().all(|pixel| pixel.0 == [0; 4]));
}

#[test]
fn the_edge_keeps_the_colours_of_the_picture() {
    let orange = RgbImage::from_pixel(90, 70, Rgb([250, 140, 20]));
    for side in [40, 90, 400] {
        let made = picture(&png(orange.clone()), &Recipe { fit: Fit::Contain, ..turned(side, side, 1700) });
        for pixel in made.pixels().filter(|pixel| pixel.0[3] > 0) {
            assert!(pixel.0.iter().zip([250, 140, 20]).all(|(a, b)| a.abs_diff(b) <= 1), "{pixel:?}");
        }
    }
}

#[test]
fn contain_shows_the_whole_turned_picture() {
    for (width, height) in [(480, 640), (300, 40), (9, 200)] {
        let photo = png(RgbImage::from_pixel(width, height, Rgb([200, 100, 50])));
        for straighten in [20, 700, -2500, 4500] {
            let made = picture(&photo, &Recipe { fit: Fit::Contain, ..turned(256, 256, straighten) });
            let (sine, cosine) = (f64::from(straighten).abs() * PI / 18_000.0).sin_cos();
            let (width, height) = (f64::from(width), f64::from(height));
            let around = (width * cosine + height * sine, width * sine + height * cosine);
            let scale = 256.0 / around.0.max(around.1);
            let rounded = |side: f64| (side * scale).round() * side.recip();
            // As much is covered as the picture is large, half-covered pixels by half.
            let covered: f64 = made.pixels().map(|pixel| f64::from(pixel.0[3]) / 255.0).sum();
            let wanted = width * height * rounded(around.0) * rounded(around.1);
            assert!((covered / wanted - 1.0).abs() < 0.003, "{straighten}: {covered} for {wanted}");
            // It touches the sides that it is as long as.
            let reaches = |mut side: Box<dyn Iterator<Item = (u32, u32)>>| {
                side.any(|(x, y)| made.get_pixel(x, y).0[3] > 20)
            };
            let sides: [Box<dyn Iterator<Item = (u32, u32)>>; 2] = if around.0 > around.1 {
                [Box::new((0..256).map(|y| (0, y))), Box::new((0..256).map(|y| (255, y)))]
            } else {
                [Box::new((0..256).map(|x| (x, 0))), Box::new((0..256).map(|x| (x, 255)))]
            };
            assert!(sides.into_iter().all(reaches), "{width} x {height} by {straighten}");
        }
    }
}

#[test]
fn transparent_places_stay_transparent() {
    let photo = fixture("alpha.png");
    let (straight, made) = (picture(&photo, &turned(160, 120, 0)), picture(&photo, &turned(160, 120, 900)));
    assert_eq!(straight.get_pixel(2, 2).0[3], 0);
    assert_eq!((made.get_pixel(2, 2).0[3], made.get_pixel(80, 60).0[3]), (0, 255));
    let on =
        |background: Color| render(&photo, &Recipe { background, ..turned(160, 120, 900) }).unwrap().bytes;
    assert_ne!(on(MAGENTA), on(GREEN));
}

#[test]
fn the_smallest_and_the_longest_pictures_turn() {
    for (width, height) in [(1, 1), (4096, 1), (1, 4096), (2, 3), (70_000, 1)] {
        let photo = png(RgbImage::from_pixel(width, height, Rgb([10, 20, 30])));
        for straighten in [1, -50, 4500, -4500] {
            for fit in [Fit::Cover, Fit::Contain] {
                for effort in [Effort::Best, Effort::Fast] {
                    for crop in [
                        None,
                        Some(Crop { x: 0, y: 0, width, height }),
                        Some(Crop { x: width - 1, y: height - 1, width: 1, height: 1 }),
                    ] {
                        for size in [(1, 1), (64, 64), (1, 50)] {
                            let made = picture(
                                &photo,
                                &Recipe { fit, crop, effort, ..turned(size.0, size.1, straighten) },
                            );
                            let is_sound = |pixel: &[u8; 4]| pixel[3] == 0 || pixel[..3] == [10, 20, 30];
                            assert!(made.pixels().all(|pixel| is_sound(&pixel.0)));
                            assert!(
                                crop.is_some()
                                    || fit == Fit::Contain
                                    || made.pixels().all(|pixel| pixel.0[3] == 255)
                            );
                        }
                    }
                }
            }
        }
    }
    let photo = png(RgbImage::from_pixel(4096, 1, Rgb([10, 20, 30])));
    let made = picture(&photo, &turned(4096, 1, 4500));
    assert!(made.pixels().all(|pixel| pixel.0 == [10, 20, 30, 255]));
}

/// The same bytes on every target, as in `golden.rs`.
#[test]
fn golden_hashes() {
    let cases = [
        (
            "portrait.jpg",
            r#"{"straighten":300}"#,
            "8a11adde48917e79c8f8b9eed4645a7de51ae56caaf993f997f181d999e31e79",
        ),
        (
            "portrait.jpg",
            r#"{"straighten":-4500,"fit":"contain","width":200,"height":120,"format":"png"}"#,
            "dc5bf1f3bbd2a2d4b807be32cbddc9571741fb2ff83dba458d76aa5a2e3aae15",
        ),
        (
            "exif-6.jpg",
            r##"{"straighten":-1234,"rotate":90,"flip":true,"crop":{"x":0,"y":5,"width":90,"height":60},"background":"#336699","format":"png"}"##,
            "351ceb475c942f034ae9a6d0c4bff3ca281ec7e946a6f128e8a93e1248e1f851",
        ),
        (
            "progressive.jpg",
            r#"{"straighten":1,"width":31,"height":77,"format":"png"}"#,
            "96e7d9be6efef5f3d61fb303d51deb917f75b0d487b90855a713b8f300129d02",
        ),
        (
            "text-exif-8.png",
            r#"{"straighten":-77,"crop":{"x":0,"y":0,"width":96,"height":64},"width":96,"height":64,"format":"png"}"#,
            "867dbc58e3dba9bc8fde5e63711f0e32ac958d3a54183bbe9309760a393cb2f9",
        ),
    ];
    let mut changed = Vec::new();
    for (name, recipe, wanted) in cases {
        let got = render(&fixture(name), &serde_json::from_str(recipe).unwrap()).unwrap().sha256_hex();
        if got != wanted {
            changed.push(format!("{name} {recipe}: {got}"));
        }
    }
    assert!(changed.is_empty(), "{}", changed.join("\n"));
}
