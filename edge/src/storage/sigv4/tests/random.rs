//! Keys, tokens and times at random, the same in every run.

/// SplitMix64 (Steele, Lea, Flood 2014).
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to less than `end`.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub(super) fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len() as u64) as usize]
    }

    /// A key of 1 to about `max_pieces` pieces that tend to go wrong.
    pub(super) fn key(&mut self, max_pieces: u64) -> String {
        const PIECES: [&str; 26] = [
            "a",
            "Z",
            "0",
            " ",
            "  ",
            "+",
            "%2F",
            "%",
            "~",
            "-",
            "_",
            ".",
            "/",
            "//",
            "ä",
            "\u{1234}",
            "\u{1f600}",
            "é",
            "&",
            "=",
            "?",
            "#",
            "'\"",
            "()*!",
            "$,;:@",
            "<>[]{}|\\^`",
        ];
        let pieces = 1 + self.below(max_pieces);
        // Dot segments are resolved by HTTP clients before they send; no key of ours has one.
        (0..pieces).map(|_| self.one_of(&PIECES)).collect::<String>().replace("/.", "/x").replace("./", "x/")
    }

    pub(super) fn token(&mut self) -> Option<String> {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
        let length = if self.below(2) == 0 { 0 } else { 1 + self.below(900) };
        let letters = (0..length).map(|_| char::from(LETTERS[self.below(LETTERS.len() as u64) as usize]));
        Some(letters.collect()).filter(|token: &String| !token.is_empty())
    }

    /// Seconds since 1970, up to the year 2100.
    pub(super) fn second(&mut self) -> i64 {
        self.below(4_102_444_800) as i64
    }
}
