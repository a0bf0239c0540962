use super::canvas::{Gradient, Layer};
use super::glyphs::Mark;
use super::letters::{Letter, initials};
use super::palette::Choices;
use super::*;

/// Letters as text: each base with its marks in brackets where it has any.
fn text(name: &str) -> String {
    let mark = |mark: Option<Mark>| mark.map(|mark| format!("{mark:?}"));
    let letter = |Letter { base, above, below }: Letter| {
        let marks: Vec<String> = [mark(above), mark(below)].into_iter().flatten().collect();
        if marks.is_empty() { base.to_string() } else { format!("{base}({})", marks.join("+")) }
    };
    initials(name).into_iter().map(letter).collect()
}

#[test]
fn initials_are_those_that_a_person_expects() {
    let table = [
        ("Ada Lovelace", "AL"),
        ("ada lovelace", "AL"),
        ("  Grace   Brewster Murray  Hopper ", "GH"),
        ("Ludwig van Beethoven", "LB"),
        ("Vincent van Gogh", "VG"),
        ("Simone de Beauvoir", "SB"),
        ("Madonna", "M"),
        ("x", "X"),
        ("Jean-Luc Picard", "JP"),
        ("Anne-Marie", "A"),
        ("Flann O'Brien", "FO"),
        ("'Umar Khayyām", "UK"),
        ("ʻAlāʼ Jaber", "AJ"),
        ("J.R.R. Tolkien", "JT"),
        ("jane.doe@example.org", "JD"),
        ("@grace_hopper", "GH"),
        ("Martin Luther King Jr.", "MK"),
        ("Henry Louis Gates III", "HG"),
        ("Jr.", "J"),
        ("Alex Kim (they/them)", "AK"),
        ("(Kim)", "K"),
        ("Sad :( Person", "SP"),
        ("50 Cent", "5C"),
        ("🎉 Jane 🎉 Doe 🌸", "JD"),
        ("1️⃣ Zoë", "Z"),
        ("𝓙𝓪𝓷𝓮 𝕯𝖔𝖊", "JD"),
        ("Ｊａｎｅ　Ｄｏｅ", "JD"),
        ("Émile Zola", "E(Acute)Z"),
        ("E\u{301}mile Zola", "E(Acute)Z"),
        ("Ümit Özdağ", "U(Diaeresis)O(Diaeresis)"),
        ("ismail İnönü", "II(DotAbove)"),
        ("ılgaz Çelik", "IC(Cedilla)"),
        ("Ñusta Ångström", "N(Tilde)A(Ring)"),
        ("Ørjan Åse", "ØA(Ring)"),
        ("Æthelred Þorn", "ÆÞ"),
        ("Đurđa Šimić", "ĐS(Caron)"),
        ("Łucja Żak", "ŁZ(DotAbove)"),
        ("Ștefan Țepeș", "S(CommaBelow)T(CommaBelow)"),
        ("Ģirts Ķēniņš", "G(CommaBelow)K(CommaBelow)"),
        ("Őze Űrhajós", "O(DoubleAcute)U(DoubleAcute)"),
        ("Nguyễn Ấn", "NA(Circumflex)"),
        ("Ậu Ơn", "A(Circumflex+DotBelow)Ơ"),
        ("A\u{323}\u{302}u", "A(Circumflex+DotBelow)"),
        ("ßen Straße", "SS"),
        ("Αλέξης Ζορμπάς", "AZ"),
        ("Άννα Ωνάση", "AΩ"),
        ("Α\u{301}ννα", "A"),
        ("Юрий Гагарин", "ЮΓ"),
        ("Ёлка Йотова", "E(Diaeresis)И(Breve)"),
        ("Їжак Ґудзь", "I(Diaeresis)Ґ"),
        ("Љиљана Џон", "ЉЏ"),
        ("Қанат Әлия", "KƏ"),
        ("山田 太郎", ""),
        ("山田 Taro", "T"),
        ("محمد علي", ""),
        ("דוד בן־גוריון", ""),
        ("अमिताभ बच्चन", ""),
        ("김민준", ""),
        ("สมชาย", ""),
        ("", ""),
        (" \t\n", ""),
        ("🦊🦊", ""),
        ("\u{202e}\u{0}!?", ""),
        ("@", ""),
    ];
    for (name, wanted) in table {
        assert_eq!(text(name), wanted, "{name}");
    }
}

#[test]
fn every_letter_that_comes_of_a_name_has_a_drawing() {
    let mut drawn = 0;
    let codes = (0..0x3000_u32).chain(0xa640..0xa800).chain(0xff00..0x1_0000).chain(0x1_d400..0x1_d800);
    for character in codes.filter_map(char::from_u32) {
        for letter in initials(&character.to_string()) {
            assert!(glyphs::drawing(letter.base).is_some(), "{character}");
            drawn += 1;
        }
    }
    assert!(drawn > 1200, "{drawn} characters");
}

/// Numerical Recipes' generator, high bits.
fn next(state: &mut u64) -> u32 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) as u32
}

#[test]
fn any_text_and_any_shape_is_painted() {
    let mut state = 7;
    for _ in 0..1500 {
        let length = next(&mut state) % 12;
        let planes = [0x80, 0x250, 0x600, 0x1_0000, 0x11_0000];
        let mut character = || {
            let limit = planes[next(&mut state) as usize % planes.len()];
            char::from_u32(next(&mut state) % limit).unwrap_or(' ')
        };
        let name: String = (0..length).map(|_| character()).collect();
        let mut side = || [1, 2, 3, 5, 16, 31, 90][next(&mut state) as usize % 7];
        let (width, height) = (side(), side());
        for kind in [DefaultPictureKind::Initials, DefaultPictureKind::Identicon] {
            let options = DefaultPicture {
                kind,
                name: name.clone(),
                seed: name.clone(),
                width,
                height,
                ..Default::default()
            };
            let picture = paint(&options).unwrap();
            assert_eq!(picture.data.len(), (width * height * 3) as usize);
        }
    }
}

fn flat(layers: &[Layer], size: (usize, usize)) -> Pixels {
    canvas::paint(size, Gradient { top: [0; 3], bottom: [0; 3] }, layers).unwrap()
}

fn mean_difference(a: &Pixels, b: &Pixels) -> f64 {
    let sum: u32 = a.data.iter().zip(&b.data).map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
    f64::from(sum) / a.data.len() as f64
}

#[test]
fn near_seeds_look_different() {
    let picture = |seed: String| {
        paint(&DefaultPicture {
            kind: DefaultPictureKind::Identicon,
            seed,
            width: 64,
            height: 64,
            ..Default::default()
        })
        .unwrap()
    };
    let pictures: Vec<Pixels> = (0..60).map(|number| picture(format!("user-{number}"))).collect();
    for (index, a) in pictures.iter().enumerate() {
        for b in pictures.iter().skip(index + 1) {
            let difference = mean_difference(a, b);
            assert!(difference > 12.0, "{difference}");
        }
    }
}

/// The pattern alone, of the same colours everywhere.
fn pattern(seed: &str, size: (usize, usize)) -> Pixels {
    let choices = Choices::new(seed);
    let tones = palette::Tones { middle: [120; 3], pale: [240; 3], ..choices.tones() };
    flat(&identicon::layers(&choices, &tones, size), size)
}

fn moved(picture: &Pixels, place: impl Fn(usize, usize) -> (usize, usize)) -> Pixels {
    let at = |(x, y): (usize, usize)| {
        let start = (y * picture.width + x) * 3;
        picture.data[start..start + 3].to_vec()
    };
    let places = (0..picture.height).flat_map(|y| (0..picture.width).map(move |x| (x, y)));
    let data = places.flat_map(|(x, y)| at(place(x, y))).collect();
    Pixels { data, ..picture.clone() }
}

#[test]
fn a_pattern_is_mirrored_or_turned_about_its_middle() {
    let (mut mirrored, mut turned) = (0, 0);
    for seed in 0..40 {
        for side in [32, 77, 256] {
            let picture = pattern(&format!("{seed}"), (side, side));
            let end = side - 1;
            let is_same = |other: &Pixels| mean_difference(&picture, other) < 0.25;
            // A half turn is in all of them.
            assert!(is_same(&moved(&picture, |x, y| (end - x, end - y))), "{seed}");
            let in_mirror = is_same(&moved(&picture, |x, y| (end - x, y)));
            let in_turn = is_same(&moved(&picture, |x, y| (y, end - x)));
            assert!(in_mirror || in_turn, "{seed} at {side}");
            mirrored += u32::from(in_mirror);
            turned += u32::from(in_turn);
        }
    }
    assert!(mirrored > 20 && turned > 20, "{mirrored} {turned}");
}

#[test]
fn a_wide_pattern_is_the_square_one_repeated() {
    let (square, wide) = (pattern("a", (96, 96)), pattern("a", (288, 96)));
    for part in 0..3 {
        let rows = wide.rows().flat_map(|row| row[part * 288..(part + 1) * 288].to_vec());
        assert_eq!(rows.collect::<Vec<u8>>(), square.data, "part {part}");
    }
}

/// Left, top, right and bottom of what is lighter than half, in pixels.
fn ink(picture: &Pixels) -> [usize; 4] {
    let mut bounds = [usize::MAX, usize::MAX, 0, 0];
    for (y, row) in picture.rows().enumerate() {
        for (x, _) in row.chunks(3).enumerate().filter(|(_, pixel)| pixel[0] > 127) {
            let [left, top, right, bottom] = bounds;
            bounds = [left.min(x), top.min(y), right.max(x + 1), bottom.max(y + 1)];
        }
    }
    bounds
}

#[test]
fn letters_stand_in_the_middle_and_within_a_round_mask() {
    let letters: Vec<char> = ('A'..='Z').chain('0'..='9').collect();
    let names = letters.iter().flat_map(|a| {
        [a.to_string(), format!("{a} {a}"), format!("{a} W"), format!("M {a}"), format!("L {a}")]
    });
    for name in names {
        let [left, top, right, bottom] = ink(&lettering(&name, 256));
        let off = (left + right).abs_diff(256) / 2;
        assert!(off <= 13, "{name} is {off} pixels off");
        // The tail of Q and the overshoot of round letters.
        assert!((top + bottom).abs_diff(256) / 2 <= 3, "{name}: {top}..{bottom}");
        let corner = |x: usize, y: usize| (x.abs_diff(128).pow(2) + y.abs_diff(128).pow(2)).isqrt();
        for (x, y) in [(left, top), (right, top), (left, bottom), (right, bottom)] {
            assert!(corner(x, y) < 108, "{name}");
        }
    }
}

fn lettering(name: &str, side: usize) -> Pixels {
    let shapes = initials::shapes(&initials(name), (side, side));
    flat(&[Layer { color: WHITE, shapes }], (side, side))
}

/// Parts of lit pixels that do not touch each other, not even at a corner.
fn parts(picture: &Pixels) -> usize {
    let (width, height) = (picture.width, picture.height);
    let mut lit: Vec<bool> = picture.data.chunks(3).map(|pixel| pixel[0] > 70).collect();
    let mut count = 0;
    while let Some(start) = lit.iter().position(|is_lit| *is_lit) {
        count += 1;
        let mut waiting = vec![start];
        while let Some(at) = waiting.pop() {
            if std::mem::take(&mut lit[at]) {
                let (x, y) = (at % width, at / width);
                let rows = y.saturating_sub(1)..(y + 2).min(height);
                let columns = x.saturating_sub(1)..(x + 2).min(width);
                waiting.extend(rows.flat_map(|y| columns.clone().map(move |x| y * width + x)));
            }
        }
    }
    count
}

#[test]
fn two_letters_never_touch() {
    let letters: Vec<String> =
        ('A'..='Z').chain('0'..='9').chain("ÆĐØŽЖЩЮЫΩΞ".chars()).map(String::from).collect();
    let alone: Vec<usize> = letters.iter().map(|letter| parts(&lettering(letter, 64))).collect();
    for (a, a_parts) in letters.iter().zip(&alone) {
        for (b, b_parts) in letters.iter().zip(&alone) {
            assert_eq!(parts(&lettering(&format!("{a} {b}"), 64)), a_parts + b_parts, "{a}{b}");
        }
    }
}

#[test]
fn an_accent_is_drawn() {
    let lit = |name: &str| lettering(name, 128).data.iter().filter(|sample| **sample > 127).count();
    for (accented, bare) in
        [("É", "E"), ("Ü", "U"), ("Ñ", "N"), ("Å", "A"), ("Ç", "C"), ("Š", "S"), ("Ę", "E"), ("Ṣ", "S")]
    {
        assert!(lit(accented) > lit(bare) + 60, "{accented}");
    }
}
