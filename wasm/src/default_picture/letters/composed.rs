//! Composed letters taken apart, and letters that look the same in two scripts.

use crate::default_picture::glyphs::Mark;

/// A mark, letters that wear it, and what they are without it, in the same order. From Unicode's canonical decompositions of the capitals in the
/// Latin blocks up to Latin Extended Additional, and of the Cyrillic ones; but Latvian letters have their comma, and no mark stands for those that
/// are not drawn.
const COMPOSED: &[(Option<Mark>, &str, &str)] = &[
    (Some(Mark::Grave), "ÀÈÌÒÙǸẀỜỪỲЀЍ", "AEIOUNWƠƯYЕИ"),
    (Some(Mark::Acute), "ÁÉÍÓÚÝĆĹŃŔŚŹǴǼǾḈḰḾṔṤẂỚỨЃЌ", "AEIOUYCLNRSZGÆØCKMPSWƠƯГК"),
    (Some(Mark::Circumflex), "ÂÊÎÔÛĈĜĤĴŜŴŶẐẤẦẨẪẬẾỀỂỄỆỐỒỔỖỘ", "AEIOUCGHJSWYZAAAAAEEEEEOOOOO"),
    (Some(Mark::Tilde), "ÃÑÕĨŨȬṌṎṸṼẼỠỮỸ", "ANOIUOOOUVEƠƯY"),
    (Some(Mark::Macron), "ĀĒĪŌŪǢǬȲḔḖḠḸṐṒṜṺ", "AEIOUÆOYEEGLOORU"),
    (Some(Mark::Breve), "ĂĔĞĬŎŬḜẮẰẲẴẶЎЙ", "AEGIOUEAAAAAУИ"),
    (Some(Mark::DotAbove), "ĊĖĠİŻǠȦȮȰḂḊḞḢṀṄṖṘṠṨṪẆẊẎ", "CEGIZAAOOBDFHMNPRSSTWXY"),
    (Some(Mark::Diaeresis), "ÄËÏÖÜŸǕǗǙǛǞȪḦḮẄẌЁЇ", "AEIOUYUUUUAOHIWXЕІ"),
    (Some(Mark::HookAbove), "ẢẺỈỎỞỦỬỶ", "AEIOƠUƯY"),
    (Some(Mark::Ring), "ÅŮǺ", "AUA"),
    (Some(Mark::DoubleAcute), "ŐŰ", "OU"),
    (Some(Mark::Caron), "ČĎĚŇŘŠŤŽǍǏǑǓǦǨȞṦ", "CDENRSTZAIOUGKHS"),
    (Some(Mark::DotBelow), "ḄḌḤḲḶḸṂṆṚṜṢṨṬṾẈẒẠẬẶẸỆỊỌỘỢỤỰỴ", "BDHKLLMNRRSSTVWZAAAEEIOOƠUƯY"),
    (Some(Mark::CommaBelow), "ĢĶĻŅŖŢȘȚ", "GKLNRTST"),
    (Some(Mark::Cedilla), "ÇŞȨḈḐḜḨ", "CSECDEH"),
    (Some(Mark::Ogonek), "ĄĘĮŲǪǬ", "AEIUOO"),
    (None, "ȀȂȄȆȈȊȌȎȐȒȔȖḀḆḎḒḘḚḪḬḴḺḼṈṊṞṮṰṲṴṶẔ", "AAEEIIOORRUUABDDEEHIKLLNNRTTUUUZ"),
    // Hooks, strokes and tails that are not drawn, and Greek letters, whose accents capitals may do without.
    (None, "ƁƇƊƑƓƗƘƝƤƬƳȺɃȻɆɈɌȾɎĲĿẞΆΈΉΊΌΎΏΪΫ", "BCDFGIKNPTYABCEJRTYILSΑΕΗΙΟΥΩΙΥ"),
];

/// Letters of other scripts that are drawn as a Latin or a Greek one.
const TWINS: (&str, &str) =
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧАВЕКМНОРСТХІЈЅҮӀӘӨПГФҚҢҒҰÐ", "ABEZHIKMNOPTYXABEKMHOPCTXIJSYIƏΘΠΓΦKHΓYĐ");

/// The marks of a composed letter, each with the letter itself; nothing where it is not composed.
pub(super) fn parts(capital: char) -> impl Iterator<Item = (Option<Mark>, char)> {
    COMPOSED
        .iter()
        .filter_map(move |(mark, letters, bases)| Some((*mark, counterpart(capital, letters, bases)?)))
}

/// The letter that has the same drawing; most are their own.
pub(super) fn twin(capital: char) -> char {
    counterpart(capital, TWINS.0, TWINS.1).unwrap_or(capital)
}

fn counterpart(letter: char, letters: &str, counterparts: &str) -> Option<char> {
    letters.chars().zip(counterparts.chars()).find(|(one, _)| *one == letter).map(|(_, other)| other)
}

/// Marks of the block Combining Diacritical Marks, as far as they are drawn.
pub(super) fn combining(mark: char) -> Option<Mark> {
    Some(match mark {
        '\u{300}' => Mark::Grave,
        '\u{301}' => Mark::Acute,
        '\u{302}' => Mark::Circumflex,
        '\u{303}' => Mark::Tilde,
        '\u{304}' => Mark::Macron,
        '\u{306}' => Mark::Breve,
        '\u{307}' => Mark::DotAbove,
        '\u{308}' => Mark::Diaeresis,
        '\u{309}' => Mark::HookAbove,
        '\u{30a}' => Mark::Ring,
        '\u{30b}' => Mark::DoubleAcute,
        '\u{30c}' => Mark::Caron,
        '\u{323}' => Mark::DotBelow,
        '\u{326}' => Mark::CommaBelow,
        '\u{327}' => Mark::Cedilla,
        '\u{328}' => Mark::Ogonek,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::default_picture::glyphs;

    #[test]
    fn each_letter_has_its_counterpart_and_each_counterpart_a_drawing() {
        for (_, letters, bases) in COMPOSED {
            assert_eq!(letters.chars().count(), bases.chars().count(), "{letters}");
            for base in bases.chars() {
                assert!(glyphs::drawing(twin(base)).is_some(), "{base}");
            }
        }
        assert_eq!(TWINS.0.chars().count(), TWINS.1.chars().count());
        assert!(TWINS.1.chars().all(|letter| glyphs::drawing(letter).is_some()));
    }
}
