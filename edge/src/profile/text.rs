//! Display name and bio: what is let in, and what becomes of it.
//!
//! Characters are counted as Unicode scalar values, after normalisation to NFC (UAX #15) and after white space at both ends is taken
//! away. Scripts count the same: `[...text.normalize("NFC").trim()].length`.

use icu_normalizer::ComposingNormalizerBorrowed;
use std::fmt;

/// A person's name as others see it: one line of 1 to 50 characters, of which one at least is visible.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct DisplayName(String);

/// What a person says of themselves: at most 160 characters, on one line or on several.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Bio(String);

/// Why a text is refused. The same for both; shows at most a single code point of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextError {
    /// Nothing visible in it.
    Empty,
    /// More characters than fit.
    TooLong { characters: usize, max_characters: usize },
    /// A line break in what has one line.
    LineBreak,
    /// A control character or a code point that is no character: outside of the "Unicode Assignables" of RFC 9839, section 4.3.
    NoText(char),
    /// An embedding, override or isolate of UAX #9: it can make a name read as another one, and change what stands after it.
    Direction(char),
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("needs a visible character"),
            Self::TooLong { characters, max_characters } => {
                write!(f, "may have at most {max_characters} characters; this has {characters}")
            }
            Self::LineBreak => f.write_str("has to be on one line"),
            Self::NoText(found) => {
                write!(f, "must not have the control character U+{:04X}", u32::from(*found))
            }
            Self::Direction(found) => {
                write!(f, "must not have the direction control U+{:04X}", u32::from(*found))
            }
        }
    }
}

impl std::error::Error for TextError {}

impl DisplayName {
    pub(crate) const MAX_CHARACTERS: usize = 50;

    /// # Errors
    ///
    /// The first rule that the text breaks.
    pub(crate) fn new(text: &str) -> Result<Self, TextError> {
        let text = tidy(text);
        if text.chars().any(is_line_break) {
            return Err(TextError::LineBreak);
        }
        check(&text, Self::MAX_CHARACTERS)?;
        if text.chars().all(is_invisible) {
            return Err(TextError::Empty);
        }
        Ok(Self(text))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Bio {
    pub(crate) const MAX_CHARACTERS: usize = 160;

    /// Line breaks of any kind become `\n`, and count as one character each.
    ///
    /// # Errors
    ///
    /// The first rule that the text breaks.
    pub(crate) fn new(text: &str) -> Result<Self, TextError> {
        let text = tidy(&text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n"));
        check(&text, Self::MAX_CHARACTERS)?;
        Ok(Self(text))
    }

    /// The one that says nothing.
    pub(crate) fn empty() -> Self {
        Self(String::new())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Says that there is one, not what it says.
impl fmt::Debug for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DisplayName(redacted)")
    }
}

/// Says that there is one, not what it says.
impl fmt::Debug for Bio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bio(redacted)")
    }
}

/// NFC without white space at its ends. What is cut from a text in NFC is in NFC.
fn tidy(text: &str) -> String {
    let text = ComposingNormalizerBorrowed::new_nfc().normalize(text);
    text.trim_matches(is_script_white_space).to_owned()
}

/// What `String.prototype.trim` takes away (ECMA-262, section 22.1.3.32), so that scripts count the same.
fn is_script_white_space(character: char) -> bool {
    character == '\u{feff}' || (character.is_whitespace() && character != '\u{85}')
}

fn check(text: &str, max_characters: usize) -> Result<(), TextError> {
    if let Some(found) = text.chars().find(|found| is_no_text(*found)) {
        return Err(TextError::NoText(found));
    }
    if let Some(found) = text.chars().find(|found| is_direction_control(*found)) {
        return Err(TextError::Direction(found));
    }
    let characters = text.chars().count();
    if characters > max_characters {
        return Err(TextError::TooLong { characters, max_characters });
    }
    Ok(())
}

/// What ends a line (UAX #14, class BK, CR, LF), but for the old ones that are control characters otherwise.
fn is_line_break(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}

/// Control characters other than a line feed, and noncharacters.
fn is_no_text(character: char) -> bool {
    (character.is_control() && character != '\n')
        || matches!(character, '\u{fdd0}'..='\u{fdef}')
        || u32::from(character) & 0xfffe == 0xfffe
}

/// LRE, RLE, PDF, LRO, RLO and LRI, RLI, FSI, PDI. Marks (LRM, RLM, ALM) are let in: names in mixed scripts need them, and they turn nothing else.
fn is_direction_control(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// White space, and what shows nothing by itself: `Default_Ignorable_Code_Point` of Unicode 17, and the empty Braille pattern.
fn is_invisible(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Result<String, TextError> {
        DisplayName::new(text).map(|name| name.as_str().to_owned())
    }

    fn bio(text: &str) -> Result<String, TextError> {
        Bio::new(text).map(|bio| bio.as_str().to_owned())
    }

    fn too_long(characters: usize, max_characters: usize) -> TextError {
        TextError::TooLong { characters, max_characters }
    }

    #[test]
    fn what_comes_in_decomposed_is_composed_and_then_counted() {
        assert_eq!(name("Zoe\u{308}").as_deref(), Ok("Zo\u{eb}"));
        assert_eq!(name("\u{1112}\u{1161}\u{11ab}").as_deref(), Ok("\u{d55c}"));
        // Singletons and the order of marks, as UAX #15 has them in its figures.
        assert_eq!(name("\u{212b}").as_deref(), Ok("\u{c5}"));
        assert_eq!(name("d\u{307}\u{323}").as_deref(), Ok("\u{1e0d}\u{307}"));
        // Compatibility characters stay what they are.
        assert_eq!(name("\u{fb01}\u{2460}").as_deref(), Ok("\u{fb01}\u{2460}"));
        assert_eq!(name(&"e\u{301}".repeat(50)), Ok("\u{e9}".repeat(50)));
        assert_eq!(name(&"e\u{301}".repeat(51)), Err(too_long(51, 50)));
        // Two that NFC takes apart.
        assert_eq!(name(&"\u{958}".repeat(25)).map(|name| name.chars().count()), Ok(50));
        assert_eq!(name(&"\u{958}".repeat(26)), Err(too_long(52, 50)));
    }

    #[test]
    fn lengths_are_those_of_scalar_values() {
        assert_eq!(name(&"a".repeat(50)), Ok("a".repeat(50)));
        assert_eq!(name(&"a".repeat(51)), Err(too_long(51, 50)));
        assert_eq!(name(&"\u{1f600}".repeat(50)), Ok("\u{1f600}".repeat(50)));
        assert_eq!(name(&"\u{1f600}".repeat(51)), Err(too_long(51, 50)));
        // A family: four people and three joiners.
        let family = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}\u{200d}\u{1f466}";
        assert_eq!(name(family).as_deref(), Ok(family));
        assert_eq!(name(&family.repeat(7)), Ok(family.repeat(7)));
        assert_eq!(name(&family.repeat(8)), Err(too_long(56, 50)));
        assert_eq!(bio(&"\u{e9}".repeat(160)), Ok("\u{e9}".repeat(160)));
        assert_eq!(bio(&"\u{e9}".repeat(161)), Err(too_long(161, 160)));
    }

    #[test]
    fn white_space_around_does_not_count_and_within_it_does() {
        assert_eq!(name(" \t\u{3000}\u{feff}Ada  Lovelace\n\u{a0} ").as_deref(), Ok("Ada  Lovelace"));
        let padded = format!("{}{}{}", " ".repeat(100), "a".repeat(50), " ".repeat(100));
        assert_eq!(name(&padded), Ok("a".repeat(50)));
        assert_eq!(bio("\r\n  I paint.\r\nAnd sing.\r\r\n ").as_deref(), Ok("I paint.\nAnd sing."));
        assert_eq!(bio(" \n "), Ok(String::new()));
    }

    #[test]
    fn a_name_needs_something_to_see() {
        for text in [
            "",
            " ",
            "\n",
            "\u{3000}",
            "\u{200b}",
            "\u{2060}\u{ad}",
            "\u{3164}",
            "\u{115f} \u{1160}",
            "\u{2800}",
        ] {
            assert_eq!(name(text), Err(TextError::Empty), "{text:?}");
        }
        for text in ["\u{200b}a", "\u{2764}\u{fe0f}", ".", "1"] {
            assert!(name(text).is_ok(), "{text:?}");
        }
    }

    #[test]
    fn a_name_has_one_line_and_a_bio_as_many_as_fit() {
        for text in ["a\nb", "a\r\nb", "a\rb", "a\u{2028}b", "a\u{2029}b"] {
            assert_eq!(name(text), Err(TextError::LineBreak), "{text:?}");
            assert_eq!(bio(text).as_deref(), Ok("a\nb"), "{text:?}");
        }
        assert_eq!(bio(&format!("a{}b", "\r\n".repeat(158))).map(|bio| bio.len()), Ok(160));
        assert_eq!(bio(&format!("a{}b", "\r\n".repeat(159))), Err(too_long(161, 160)));
    }

    #[test]
    fn control_characters_and_noncharacters_are_no_text() {
        for found in [
            '\0',
            '\u{1}',
            '\t',
            '\u{b}',
            '\u{1b}',
            '\u{7f}',
            '\u{85}',
            '\u{9f}',
            '\u{fdd0}',
            '\u{ffff}',
            '\u{10fffe}',
        ] {
            let text = format!("a{found}b");
            assert_eq!(name(&text), Err(TextError::NoText(found)), "{found:?}");
            assert_eq!(bio(&text), Err(TextError::NoText(found)), "{found:?}");
        }
        // A next line is a control character at the end, too: scripts do not trim it.
        assert_eq!(name("a\u{85}"), Err(TextError::NoText('\u{85}')));
    }

    #[test]
    fn what_turns_the_text_around_is_refused_and_marks_are_not() {
        for found in "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}".chars() {
            let text = format!("Ada {found}ecalevoL");
            assert_eq!(name(&text), Err(TextError::Direction(found)));
            assert_eq!(bio(&text), Err(TextError::Direction(found)));
        }
        for text in ["\u{5d3}\u{5e0}\u{5d4} (Dana)\u{200f}", "\u{645}\u{62d}\u{645}\u{62f}", "a\u{200e}b"] {
            assert_eq!(name(text).as_deref(), Ok(text));
        }
    }

    #[test]
    fn an_error_says_what_to_do_and_no_more_than_a_code_point() {
        assert_eq!(too_long(51, 50).to_string(), "may have at most 50 characters; this has 51");
        assert_eq!(TextError::NoText('\0').to_string(), "must not have the control character U+0000");
        assert_eq!(
            TextError::Direction('\u{202e}').to_string(),
            "must not have the direction control U+202E"
        );
        assert_eq!(format!("{:?}", DisplayName::new("Ada")), "Ok(DisplayName(redacted))");
        assert_eq!(format!("{:?}", Bio::new("Ada")), "Ok(Bio(redacted))");
    }
}
