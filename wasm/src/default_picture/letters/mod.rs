//! A name to its initials: at most two letters that can be drawn.
//!
//! The first letter or digit of the first and of the last word, as a capital, with its accents. Passed over are emoji and signs, words of which
//! nothing can be drawn, what stands in brackets, and what counts generations ("Jr.", "III").

mod composed;

use super::glyphs::{self, Mark};

/// More of a name than this is not looked at, in characters.
const MAX_CHARACTERS: usize = 256;

/// A capital or a digit, and what it wears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Letter {
    /// One of those that have a drawing.
    pub(super) base: char,
    pub(super) above: Option<Mark>,
    pub(super) below: Option<Mark>,
}

/// The initials; none where nothing of the name can be drawn.
pub(super) fn initials(name: &str) -> Vec<Letter> {
    let name: String = name.chars().take(MAX_CHARACTERS).collect();
    // Of an address, what stands before the `@`; of a handle, what stands behind it.
    let name = name.split('@').find(|part| !of_words(part).is_empty()).unwrap_or(&name);
    let outside = of_words(&without_brackets(name));
    let mut letters = if outside.is_empty() { of_words(name) } else { outside };
    if letters.len() > 2 {
        letters.drain(1..letters.len() - 1);
    }
    letters
}

/// The first letter of each word that has one.
fn of_words(text: &str) -> Vec<Letter> {
    let mut letters: Vec<(&str, Letter)> =
        text.split(ends_word).filter_map(|word| Some((word, first_letter(word)?))).collect();
    while letters.len() > 1 && letters.last().is_some_and(|(word, _)| counts_generations(word)) {
        letters.pop();
    }
    letters.into_iter().map(|(_, letter)| letter).collect()
}

/// Beside white space, what stands between the words of `ada.lovelace` and `ada_lovelace`.
fn ends_word(character: char) -> bool {
    character.is_whitespace()
        || matches!(character, '.' | ',' | ';' | '_' | '|' | '/' | '\u{b7}' | '\u{200b}' | '\u{30fb}')
}

fn counts_generations(word: &str) -> bool {
    ["jr", "sr", "ii", "iii", "iv"].iter().any(|count| word.eq_ignore_ascii_case(count))
}

/// The text without what stands between an opening and the next closing bracket.
fn without_brackets(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find(['(', '[', '{', '\u{ff08}', '\u{3010}']) {
        let Some(length) = rest[open..].find([')', ']', '}', '\u{ff09}', '\u{3011}']) else { break };
        kept.push_str(&rest[..open]);
        kept.push(' ');
        rest = &rest[open + length..];
        rest = rest.char_indices().nth(1).map_or("", |(next, _)| &rest[next..]);
    }
    kept + rest
}

fn first_letter(word: &str) -> Option<Letter> {
    let mut characters = word.chars().map(plain).flat_map(char::to_uppercase).peekable();
    while let Some(character) = characters.next() {
        let Some(mut letter) = drawn(character) else { continue };
        // A digit on a key cap is an emoji.
        if characters.peek().is_some_and(|next| matches!(next, '\u{fe0f}' | '\u{20e3}')) {
            continue;
        }
        // Greek capitals may do without their accents, composed or not.
        let takes_marks = !('\u{370}'..='\u{3ff}').contains(&character);
        while let Some(mark) = characters.next_if(|next| ('\u{300}'..='\u{36f}').contains(next)) {
            if let Some(mark) = composed::combining(mark).filter(|_| takes_marks) {
                letter.wear(mark);
            }
        }
        return Some(letter);
    }
    None
}

impl Letter {
    fn bare(base: char) -> Self {
        Self { base, above: None, below: None }
    }

    /// What is already there stays: of two accents the one nearer to the letter is drawn.
    fn wear(&mut self, mark: Mark) {
        let place = if mark.is_below() { &mut self.below } else { &mut self.above };
        place.get_or_insert(mark);
    }
}

/// The letter of a capital, as far as it can be drawn.
fn drawn(capital: char) -> Option<Letter> {
    let mut letter: Option<Letter> = None;
    for (mark, base) in composed::parts(capital) {
        let letter = letter.get_or_insert(Letter::bare(composed::twin(base)));
        if let Some(mark) = mark {
            letter.wear(mark);
        }
    }
    let letter = letter.unwrap_or_else(|| Letter::bare(composed::twin(capital)));
    glyphs::drawing(letter.base).is_some().then_some(letter)
}

/// The letter or digit that a letter of another style means: full width, in a circle, or bold and the like from the mathematical alphabets.
fn plain(character: char) -> char {
    let code = u32::from(character);
    let (first, place) = match code {
        0x24b6..=0x24cf => ('A', code - 0x24b6),
        0x24d0..=0x24e9 => ('A', code - 0x24d0),
        0xff10..=0xff19 => ('0', code - 0xff10),
        0xff21..=0xff3a => ('A', code - 0xff21),
        0xff41..=0xff5a => ('A', code - 0xff41),
        0x1d400..=0x1d6a3 => ('A', (code - 0x1d400) % 26),
        0x1d7ce..=0x1d7ff => ('0', (code - 0x1d7ce) % 10),
        _ => return character,
    };
    char::from_u32(u32::from(first) + place).unwrap_or(character)
}
