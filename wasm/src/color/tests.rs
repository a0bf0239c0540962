//! Profiles built here, held against the definitions in floating point.

use super::*;
use crate::pixels::Layout;

/// s15Fixed16.
fn fixed(value: f64) -> [u8; 4] {
    ((value * 65_536.0).round() as i32).to_be_bytes()
}

fn tag(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [kind.as_slice(), &[0; 4], body].concat()
}

fn gamma(exponent: f64) -> Vec<u8> {
    tag(b"curv", &[&[0, 0, 0, 1], ((exponent * 256.0).round() as u16).to_be_bytes().as_slice()].concat())
}

fn table(values: &[u16]) -> Vec<u8> {
    let count = u32::try_from(values.len()).unwrap().to_be_bytes().to_vec();
    tag(b"curv", &[count, values.iter().flat_map(|value| value.to_be_bytes()).collect()].concat())
}

fn parametric(function: u16, parameters: &[f64]) -> Vec<u8> {
    let numbers: Vec<u8> = parameters.iter().flat_map(|value| fixed(*value)).collect();
    tag(b"para", &[function.to_be_bytes().as_slice(), &[0; 2], &numbers].concat())
}

fn xyz([x, y, z]: [f64; 3]) -> Vec<u8> {
    tag(b"XYZ ", &[fixed(x), fixed(y), fixed(z)].concat())
}

fn profile(color_space: &[u8; 4], connection_space: &[u8; 4], tags: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut header = vec![0; 128];
    header[8] = 4;
    header[12..16].copy_from_slice(b"mntr");
    header[16..20].copy_from_slice(color_space);
    header[20..24].copy_from_slice(connection_space);
    header[36..40].copy_from_slice(b"acsp");
    let mut table = u32::try_from(tags.len()).unwrap().to_be_bytes().to_vec();
    let mut data = Vec::new();
    for (signature, content) in tags {
        let offset = u32::try_from(128 + 4 + 12 * tags.len() + data.len()).unwrap();
        table.extend_from_slice(*signature);
        table.extend(offset.to_be_bytes());
        table.extend(u32::try_from(content.len()).unwrap().to_be_bytes());
        data.extend_from_slice(content);
    }
    let mut profile = [header, table, data].concat();
    let size = u32::try_from(profile.len()).unwrap();
    profile[..4].copy_from_slice(&size.to_be_bytes());
    profile
}

fn rgb_profile(primaries: Primaries, curve: &[u8]) -> Vec<u8> {
    let m = primaries.to_xyz_d50().unwrap();
    let column = |at: usize| xyz([m[0][at], m[1][at], m[2][at]]);
    let curve = curve.to_vec();
    profile(
        b"RGB ",
        b"XYZ ",
        &[
            (b"rXYZ", column(0)),
            (b"gXYZ", column(1)),
            (b"bXYZ", column(2)),
            (b"rTRC", curve.clone()),
            (b"gTRC", curve.clone()),
            (b"bTRC", curve),
        ],
    )
}

fn gray_profile(connection_space: &[u8; 4], curve: Vec<u8>) -> Vec<u8> {
    profile(b"GRAY", connection_space, &[(b"kTRC", curve)])
}

const PROPHOTO: Primaries = Primaries {
    red: (0.7347, 0.2653),
    green: (0.1596, 0.8404),
    blue: (0.0366, 0.0001),
    white: (0.3457, 0.3585),
};

fn converted_by(profile: &Profile, colors: &[[u8; 3]]) -> Vec<[u8; 3]> {
    let pixels =
        Pixels { width: colors.len(), height: 1, layout: Layout::Rgb, data: colors.as_flattened().to_vec() };
    to_srgb(pixels, Some(profile)).data.as_chunks::<3>().0.to_vec()
}

/// All greys, and 17 steps a channel.
fn colors() -> Vec<[u8; 3]> {
    let steps = || (0..=15).map(|step| step * 17);
    let cube = steps().flat_map(|r| steps().flat_map(move |g| steps().map(move |b| [r, g, b])));
    (0..=255).map(|grey| [grey; 3]).chain(cube).collect()
}

fn srgb_encoded(linear: f64) -> f64 {
    let linear = linear.clamp(0.0, 1.0);
    255.0 * if linear <= 0.003_130_8 { 12.92 * linear } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 }
}

/// Every colour is within one of what the definition gives in floating point.
fn assert_as_defined(icc: &[u8], primaries: Primaries, curve: impl Fn(f64) -> f64) {
    let profile = Profile::from_icc(icc, Channels::Rgb).unwrap();
    let matrix = primaries::product(
        &primaries::inverse(&Primaries::SRGB.to_xyz_d50().unwrap()).unwrap(),
        &primaries.to_xyz_d50().unwrap(),
    );
    let colors = colors();
    let mut exact = 0;
    for (color, got) in colors.iter().zip(converted_by(&profile, &colors)) {
        let linear = color.map(|sample| curve(f64::from(sample) / 255.0).clamp(0.0, 1.0));
        let wanted = matrix.map(|[x, y, z]| srgb_encoded(x * linear[0] + y * linear[1] + z * linear[2]));
        for (got, wanted) in got.into_iter().zip(wanted) {
            assert!((f64::from(got) - wanted).abs() <= 1.0, "{color:?}: {got} for {wanted}");
            exact += usize::from((f64::from(got) - wanted).abs() <= 0.51);
        }
    }
    // The rest is the rounding of the numbers in the profile.
    assert!(exact * 100 >= colors.len() * 3 * 97, "{exact} of {}", colors.len() * 3);
}

#[test]
fn powers_of_any_primaries() {
    for primaries in [Primaries::ADOBE_RGB, Primaries::DISPLAY_P3, Primaries::BT2020, PROPHOTO] {
        for exponent in [1.0, 1.8, 2.199_218_75, 2.6] {
            let as_stored = (exponent * 256.0_f64).round() / 256.0;
            assert_as_defined(&rgb_profile(primaries, &gamma(exponent)), primaries, |x| x.powf(as_stored));
        }
    }
}

#[test]
fn no_value_at_all_is_a_straight_line() {
    assert_as_defined(&rgb_profile(Primaries::BT2020, &table(&[])), Primaries::BT2020, |x| x);
}

#[test]
fn tables_of_any_length() {
    let curve = |x: f64| x * x * (3.0 - 2.0 * x);
    for length in [2_u16, 3, 26, 1024, 4096] {
        let last = f64::from(length - 1);
        let values: Vec<u16> =
            (0..length).map(|at| (curve(f64::from(at) / last) * 65_535.0).round() as u16).collect();
        let between = |x: f64| {
            let place = x * last;
            let low = (place as usize).min(values.len() - 2);
            let (a, b) = (f64::from(values[low]), f64::from(values[low + 1]));
            (a + (b - a) * (place - low as f64)) / 65_535.0
        };
        assert_as_defined(
            &rgb_profile(Primaries::DISPLAY_P3, &table(&values)),
            Primaries::DISPLAY_P3,
            between,
        );
    }
}

#[test]
fn the_five_parametric_functions() {
    let p3 = Primaries::DISPLAY_P3;
    let check = |function: u16, parameters: &[f64], curve: &dyn Fn(f64) -> f64| {
        assert_as_defined(&rgb_profile(p3, &parametric(function, parameters)), p3, curve);
    };
    check(0, &[1.75], &|x| x.powf(1.75));
    check(1, &[2.0, 1.25, -0.25], &|x| if x >= 0.2 { (1.25 * x - 0.25).powi(2) } else { 0.0 });
    check(2, &[2.0, 1.0, -0.25, 0.125], &|x| 0.125 + if x >= 0.25 { (x - 0.25).powi(2) } else { 0.0 });
    check(3, &[2.5, 0.9375, 0.0625, 0.0625, 0.125], &|x| {
        if x >= 0.125 { (0.9375 * x + 0.0625).powf(2.5) } else { 0.0625 * x }
    });
    check(4, &[2.0, 0.875, 0.0, 0.25, 0.25, 0.03125, 0.0625], &|x| {
        if x >= 0.25 { (0.875 * x).powi(2) + 0.03125 } else { 0.25 * x + 0.0625 }
    });
}

fn srgb_curve() -> Vec<u8> {
    parametric(3, &[2.4, 1.0 / 1.055, 0.055 / 1.055, 1.0 / 12.92, 0.04045])
}

fn srgb_table(length: u32) -> Vec<u8> {
    let at = |place: u32| Curve::SRGB.at(f64::from(place) / f64::from(length - 1));
    table(&(0..length).map(|place| (at(place) * 65_535.0).round() as u16).collect::<Vec<_>>())
}

#[test]
fn each_channel_has_its_own_curve() {
    let m = Primaries::SRGB.to_xyz_d50().unwrap();
    let column = |at: usize| xyz([m[0][at], m[1][at], m[2][at]]);
    let icc = profile(
        b"RGB ",
        b"XYZ ",
        &[
            (b"rXYZ", column(0)),
            (b"gXYZ", column(1)),
            (b"bXYZ", column(2)),
            (b"rTRC", gamma(1.0)),
            (b"gTRC", srgb_curve()),
            (b"bTRC", gamma(1.75)),
        ],
    );
    let profile = Profile::from_icc(&icc, Channels::Rgb).unwrap();
    let [[r, g, b]] = converted_by(&profile, &[[64, 64, 64]])[..] else { panic!() };
    let wanted = [srgb_encoded(64.0 / 255.0), 64.0, srgb_encoded((64.0_f64 / 255.0).powf(1.75))];
    assert!([r, g, b].into_iter().zip(wanted).all(|(a, b)| (f64::from(a) - b).abs() <= 1.0), "{r} {g} {b}");
}

#[test]
fn srgb_in_all_its_writings_changes_no_pixel() {
    let m = Primaries::SRGB.to_xyz_d50().unwrap();
    // The colorants that Google's and Hewlett-Packard's profiles have.
    let published = [
        [[0.43604, 0.22249, 0.01392], [0.38512, 0.7169, 0.09706], [0.14305, 0.06061, 0.71391]],
        [[0.43607, 0.22249, 0.01392], [0.38515, 0.71687, 0.09708], [0.14307, 0.06061, 0.7141]],
        std::array::from_fn(|column| [m[0][column], m[1][column], m[2][column]]),
    ];
    for [red, green, blue] in published {
        // Some profiles are made small by short tables.
        for curve in
            [srgb_curve(), srgb_table(1024), srgb_table(4096), srgb_table(42), srgb_table(26), srgb_table(20)]
        {
            let icc = profile(
                b"RGB ",
                b"XYZ ",
                &[
                    (b"rXYZ", xyz(red)),
                    (b"gXYZ", xyz(green)),
                    (b"bXYZ", xyz(blue)),
                    (b"rTRC", curve.clone()),
                    (b"gTRC", curve.clone()),
                    (b"bTRC", curve),
                ],
            );
            let profile = Profile::from_icc(&icc, Channels::Rgb).unwrap();
            assert_eq!(profile, Profile { color_space: ColorSpace::Srgb, conversion: None });
            assert_eq!(converted_by(&profile, &colors()), colors());
        }
    }
}

#[test]
fn a_plain_power_is_not_taken_for_the_curve_of_srgb() {
    let profile = Profile::from_icc(&rgb_profile(Primaries::SRGB, &gamma(2.2)), Channels::Rgb).unwrap();
    assert_eq!(profile.color_space(), ColorSpace::Srgb);
    assert_eq!(converted_by(&profile, &[[10; 3], [0; 3], [255; 3]]), [[3; 3], [0; 3], [255; 3]]);
}

#[test]
fn spaces_are_named_by_what_they_are() {
    let name = |primaries, curve: Vec<u8>| {
        Profile::from_icc(&rgb_profile(primaries, &curve), Channels::Rgb).unwrap().color_space()
    };
    assert_eq!(name(Primaries::DISPLAY_P3, srgb_curve()), ColorSpace::DisplayP3);
    assert_eq!(name(Primaries::DISPLAY_P3, srgb_table(1024)), ColorSpace::DisplayP3);
    assert_eq!(name(Primaries::ADOBE_RGB, gamma(2.199_218_75)), ColorSpace::AdobeRgb);
    assert_eq!(name(Primaries::DCI_P3, gamma(2.6)), ColorSpace::Other);
    assert_eq!(name(Primaries::SRGB, gamma(1.0)), ColorSpace::Other);
    assert_eq!(name(PROPHOTO, gamma(1.8)), ColorSpace::Other);
}

#[test]
fn grey_stays_grey_and_white_white() {
    let greys: Vec<[u8; 3]> = (0..=255).map(|grey| [grey; 3]).collect();
    for primaries in [Primaries::ADOBE_RGB, Primaries::DISPLAY_P3, Primaries::BT2020, PROPHOTO] {
        let profile = Profile::from_icc(&rgb_profile(primaries, &gamma(1.8)), Channels::Rgb).unwrap();
        let converted = converted_by(&profile, &greys);
        assert!(converted.iter().all(|[r, g, b]| r == g && g == b), "{converted:?}");
        assert_eq!((converted[0], converted[255]), ([0; 3], [255; 3]));
    }
}

#[test]
fn transparency_is_left_alone() {
    let profile =
        Profile::from_icc(&rgb_profile(Primaries::DISPLAY_P3, &srgb_curve()), Channels::Rgb).unwrap();
    let data = vec![200, 100, 50, 0, 200, 100, 50, 77, 200, 100, 50, 255];
    let converted = to_srgb(Pixels { width: 3, height: 1, layout: Layout::Rgba, data }, Some(&profile)).data;
    let opaque = converted_by(&profile, &[[200, 100, 50]])[0];
    assert_ne!(opaque, [200, 100, 50]);
    for (pixel, alpha) in converted.as_chunks::<4>().0.iter().zip([0, 77, 255]) {
        assert_eq!((&pixel[..3], pixel[3]), (opaque.as_slice(), alpha));
    }
}

#[test]
fn grey_profiles() {
    let convert = |icc: &[u8]| {
        let profile = Profile::from_icc(icc, Channels::Gray).unwrap();
        assert_eq!(profile.color_space(), ColorSpace::Gray);
        let greys: Vec<[u8; 3]> = (0..=255).map(|grey| [grey; 3]).collect();
        converted_by(&profile, &greys)
    };
    for (sample, got) in (0..=255_u8).zip(convert(&gray_profile(b"XYZ ", gamma(1.75)))) {
        let wanted = srgb_encoded((f64::from(sample) / 255.0).powf(1.75));
        assert!(got.iter().all(|level| (f64::from(*level) - wanted).abs() <= 0.51), "{got:?} for {wanted}");
    }
    // Lightness 50 of 100 is a luminance of 18.4 %, which is 118.9 in sRGB.
    assert_eq!(convert(&gray_profile(b"Lab ", table(&[])))[128], [119; 3]);
    assert_eq!(convert(&gray_profile(b"XYZ ", srgb_curve()))[77], [77; 3]);
}

#[test]
fn a_profile_has_to_be_one_for_the_picture() {
    let gray = gray_profile(b"XYZ ", gamma(1.8));
    let rgb = rgb_profile(Primaries::DISPLAY_P3, &srgb_curve());
    let cmyk = profile(b"CMYK", b"Lab ", &[(b"A2B0", vec![0; 32])]);
    assert!(Profile::from_icc(&gray, Channels::Rgb).is_none());
    assert!(Profile::from_icc(&cmyk, Channels::Rgb).is_none());
    assert!(Profile::from_icc(&rgb, Channels::Gray).is_some());
    let mut link = rgb.clone();
    link[12..16].copy_from_slice(b"link");
    assert!(Profile::from_icc(&link, Channels::Rgb).is_none());
}

#[test]
fn tables_of_colours_are_named_and_not_converted() {
    let utf_16 = |name: &str| name.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    let new = |name: &str| {
        let text = utf_16(name);
        let length = u32::try_from(text.len()).unwrap().to_be_bytes();
        tag(b"mluc", &[b"\0\0\0\x01\0\0\0\x0cenUS".as_slice(), &length, &[0, 0, 0, 28], &text].concat())
    };
    let old = |name: &str| {
        let length = u32::try_from(name.len() + 1).unwrap().to_be_bytes();
        tag(b"desc", &[length.as_slice(), name.as_bytes(), &[0]].concat())
    };
    for (description, named) in [
        (new("sRGB v4 ICC preference"), ColorSpace::Srgb),
        (new("Display P3"), ColorSpace::DisplayP3),
        (old("Adobe RGB (1998)"), ColorSpace::AdobeRgb),
        (old("a printer"), ColorSpace::Other),
    ] {
        let icc = profile(b"RGB ", b"Lab ", &[(b"desc", description), (b"A2B0", vec![0; 64])]);
        let profile = Profile::from_icc(&icc, Channels::Rgb).unwrap();
        assert_eq!(profile, Profile { color_space: named, conversion: None });
    }
}

#[test]
fn a_cut_profile_counts_for_nothing() {
    for whole in [
        rgb_profile(Primaries::DISPLAY_P3, &srgb_curve()),
        rgb_profile(Primaries::ADOBE_RGB, &srgb_table(26)),
        gray_profile(b"XYZ ", gamma(1.8)),
    ] {
        let picture = if whole[16..20] == *b"GRAY" { Channels::Gray } else { Channels::Rgb };
        assert!(Profile::from_icc(&whole, picture).is_some());
        for length in 0..whole.len() {
            assert_eq!(Profile::from_icc(&whole[..length], picture), None, "cut to {length}");
            // The same with a header that states the new size.
            let mut shorter = whole[..length].to_vec();
            if let Some(size) = shorter.get_mut(..4) {
                size.copy_from_slice(&u32::try_from(length).unwrap().to_be_bytes());
            }
            assert_eq!(Profile::from_icc(&shorter, picture), None, "shortened to {length}");
        }
    }
}

#[test]
fn a_profile_with_flipped_bits_never_panics() {
    for whole in [
        rgb_profile(Primaries::DISPLAY_P3, &srgb_curve()),
        rgb_profile(Primaries::DISPLAY_P3, &parametric(4, &[2.0, 0.875, 0.0, 0.25, 0.25, 0.03125, 0.0625])),
        rgb_profile(Primaries::ADOBE_RGB, &srgb_table(26)),
        gray_profile(b"Lab ", gamma(1.8)),
    ] {
        let colors: Vec<[u8; 3]> = (0..=255).map(|grey| [grey, 255 - grey, 128]).collect();
        for bit in 0..whole.len() * 8 {
            let mut broken = whole.clone();
            broken[bit / 8] ^= 1 << (bit % 8);
            for picture in [Channels::Gray, Channels::Rgb] {
                if let Some(profile) = Profile::from_icc(&broken, picture) {
                    converted_by(&profile, &colors);
                }
            }
        }
    }
}

#[test]
fn absurd_counts_and_offsets_are_refused() {
    let good = rgb_profile(Primaries::DISPLAY_P3, &gamma(2.2));
    for at in 128..128 + 4 + 6 * 12 {
        for byte in [0x7f, 0xff] {
            let mut absurd = good.clone();
            absurd[at] = byte;
            let _ = Profile::from_icc(&absurd, Channels::Rgb);
        }
    }
    let mut many = good.clone();
    many[128..132].copy_from_slice(&[0xff; 4]);
    assert_eq!(Profile::from_icc(&many, Channels::Rgb), None);
    let mut large = good;
    large.resize(5 << 20, 0);
    large[..4].copy_from_slice(&(5_u32 << 20).to_be_bytes());
    assert_eq!(Profile::from_icc(&large, Channels::Rgb), None);
}
