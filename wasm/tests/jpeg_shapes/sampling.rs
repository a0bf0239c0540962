//! Where the samples of each component lie, and what they mean.

use super::*;
use roundel::Crop;

/// Luma and the two colour differences of a pixel, up to factors.
fn opponents([r, g, b]: [u8; 3]) -> [i32; 3] {
    let [r, g, b] = [r, g, b].map(i32::from);
    let luma = (299 * r + 587 * g + 114 * b) / 1000;
    [luma, b - luma, r - luma]
}

/// By how many pixels each of them has to be moved to be most like the reference.
fn shifts(picture: &RgbImage, reference: &RgbImage) -> [(i32, i32); 3] {
    let (width, height) = (picture.width() as i32, picture.height() as i32);
    std::array::from_fn(|channel| {
        let distance = |(dx, dy): (i32, i32)| -> i64 {
            let places = (2..height - 2).flat_map(|y| (2..width - 2).map(move |x| (x, y)));
            let squares = places.map(|(x, y)| {
                let ours = opponents(picture.get_pixel((x + dx) as u32, (y + dy) as u32).0)[channel];
                let theirs = opponents(reference.get_pixel(x as u32, y as u32).0)[channel];
                i64::from(ours - theirs).pow(2)
            });
            squares.sum()
        };
        let all = (-2..=2).flat_map(|dy| (-2..=2).map(move |dx| (dx, dy)));
        all.min_by_key(|shift| distance(*shift)).unwrap()
    })
}

#[test]
fn every_sampling_puts_its_colours_where_they_belong() {
    let reference = shape("sampling-444");
    let crop = Some(Crop { x: 21, y: 13, width: 40, height: 30 });
    let part = |file: &[u8]| {
        let recipe = Recipe { width: 40, height: 30, crop, format: OutputFormat::Png, ..Recipe::default() };
        image::load_from_memory(&render(file, &recipe).unwrap().bytes).unwrap().to_rgb8()
    };
    for name in [
        "422",
        "440",
        "420",
        "411",
        "410",
        "311",
        "141",
        "mixed-21-12",
        "mixed-22-21-12",
        "fraction-31-21",
        "chroma-finer",
    ] {
        let file = shape(&format!("sampling-{name}"));
        // In these luma itself is subsampled.
        let allowed = if name.starts_with("mixed-21") || name == "chroma-finer" { 12.0 } else { 7.5 };
        let pairs = [
            (picture(&file), picture(&reference)),
            (sized(&file, (41, 30)).unwrap(), sized(&reference, (41, 30)).unwrap()),
            (sized(&file, (20, 15)).unwrap(), sized(&reference, (20, 15)).unwrap()),
            (part(&file), part(&reference)),
        ];
        for (ours, theirs) in pairs {
            let (distance, size) = (difference(&ours, &theirs), ours.dimensions());
            assert_eq!(shifts(&ours, &theirs), [(0, 0); 3], "{name} at {size:?}");
            assert!(distance < allowed, "{name} at {size:?}: {distance}");
        }
    }
}

#[test]
fn one_component_has_no_sampling() {
    // Its factors of 2 x 2 would be those of an MCU, but a component alone has none (T.81 A.2.2).
    let (gray, colors) = (picture(&shape("gray-2x2")), picture(&shape("sampling-444")));
    for (gray, color) in gray.pixels().zip(colors.pixels()) {
        let [r, g, b] = color.0.map(f64::from);
        assert!((f64::from(gray.0[0]) - (0.299 * r + 0.587 * g + 0.114 * b)).abs() < 9.0);
    }
    let mut plain = shape("gray-2x2");
    let frame = find(&plain, 0xc0).start;
    assert_eq!(plain[frame + 11], 0x22);
    plain[frame + 11] = 0x11;
    assert_eq!(picture(&plain), gray);
}

#[test]
fn red_green_and_blue_need_no_conversion() {
    // The program that wrote it names the components R, G and B; others leave that to Adobe's marker.
    let file = shape("rgb");
    let distance = difference(&picture(&file), &picture(&shape("sampling-444")));
    assert!(distance < 4.0, "{distance}");
    let frame = find(&file, 0xc0).start;
    let mut adobe = without(&inserted(&file, 2, b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\0"), 0xe0);
    let frame = frame + 16;
    for (nth, name) in [1, 2, 3].into_iter().enumerate() {
        let old = adobe[frame + 10 + 3 * nth];
        adobe[frame + 10 + 3 * nth] = name;
        let scan = find(&adobe, 0xda);
        let place = scan.clone().skip(5).step_by(2).find(|at| adobe[*at] == old).unwrap();
        adobe[place] = name;
    }
    assert_eq!(picture(&adobe), picture(&file));
}

#[test]
fn four_inks_are_turned_with_the_picture() {
    let cmyk = fixture("cmyk-exif-5.jpg");
    let stored = image::load_from_memory(&cmyk).unwrap().to_rgb8();
    let seen = |stored: &RgbImage| image::imageops::flip_horizontal(&image::imageops::rotate90(stored));
    let distance = difference(&picture(&cmyk), &seen(&stored));
    assert!(distance < 1.0, "{distance}");
    // The same numbers as luma, colour differences and black.
    let mut ycck = cmyk;
    let adobe = find(&ycck, 0xee).start;
    assert_eq!(ycck[adobe + 15], 0);
    ycck[adobe + 15] = 2;
    let stored = image::load_from_memory(&ycck).unwrap().to_rgb8();
    let distance = difference(&picture(&ycck), &seen(&stored));
    assert!(distance < 1.0, "YCCK: {distance}");
}
