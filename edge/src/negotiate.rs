//! Which format a client gets where the URL names none: `Accept`, RFC 9110 section 12.5.1.
//!
//! A header of any shape comes down to one of our formats before anything is looked up, so that it cannot make another
//! copy in a cache. README.md states the rule and its reasons.

use crate::variant::ServedFormat;
use mediatype::{MediaType, MediaTypeList};

/// Longest header that is read, in bytes, all its fields together; browsers send 30 to 200. A longer one counts as none.
const MAX_HEADER_BYTES: usize = 2048;

/// A quality value in thousandths, 0 to 1000; 0: not acceptable. RFC 9110 section 12.4.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Weight(u16);

impl Weight {
    const ONE: Self = Self(1000);
    const ZERO: Self = Self(0);

    /// `0` or `1` with at most three decimal places, and no more than 1.
    fn parse(text: &str) -> Option<Self> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let are_digits = decimals.bytes().all(|byte| byte.is_ascii_digit());
        if !matches!(whole, "0" | "1") || decimals.len() > 3 || !are_digits {
            return None;
        }
        let thousandths = format!("{whole}{decimals:0<3}").parse().ok()?;
        Some(Self(thousandths)).filter(|weight| *weight <= Self::ONE)
    }
}

/// What a range of media types covers of what we serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Range {
    /// One of our formats by its name.
    Format(ServedFormat),
    /// `image/*`
    Images,
    /// `*/*`
    Everything,
    /// Something else.
    Nothing,
}

/// What a client accepts of our formats.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Accepted {
    jpg: Option<Weight>,
    png: Option<Weight>,
    webp: Option<Weight>,
    images: Option<Weight>,
    everything: Option<Weight>,
}

impl Accepted {
    /// Reads the header, its fields joined by commas. None, an empty one, one that is too long and one without a single
    /// well-formed member are the same as `*/*`. A member that is malformed among others is ignored.
    pub(crate) fn parse(header: Option<&str>) -> Self {
        let mut accepted = Self::default();
        let mut is_stated = false;
        let header = header.filter(|header| header.len() <= MAX_HEADER_BYTES).unwrap_or_default();
        for (range, weight) in MediaTypeList::new(header).flatten().filter_map(|member| read(&member)) {
            is_stated = true;
            accepted.add(range, weight);
        }
        if !is_stated {
            accepted.everything = Some(Weight::ONE);
        }
        accepted
    }

    fn add(&mut self, range: Range, weight: Weight) {
        let held = match range {
            Range::Format(ServedFormat::Jpg) => &mut self.jpg,
            Range::Format(ServedFormat::Png) => &mut self.png,
            Range::Format(ServedFormat::Webp) => &mut self.webp,
            Range::Images => &mut self.images,
            Range::Everything => &mut self.everything,
            Range::Nothing => return,
        };
        // Of two that contradict each other, the one that accepts less.
        *held = Some(held.map_or(weight, |held| held.min(weight)));
    }

    /// By the most specific range that covers it.
    fn weight(&self, named: Option<Weight>) -> Weight {
        named.or(self.images).or(self.everything).unwrap_or(Weight::ZERO)
    }

    /// The format of the answer for a picture with or without transparency. JPEG where nothing of ours is acceptable:
    /// a picture that was not asked for is of more use than none, and RFC 9110 section 15.5.7 leaves the choice.
    pub(crate) fn choose(&self, has_alpha: bool) -> ServedFormat {
        let (other, weight) = self.choose_without_webp(has_alpha);
        match self.webp {
            Some(webp) if webp > Weight::ZERO && webp >= weight => ServedFormat::Webp,
            _ => other,
        }
    }

    fn choose_without_webp(&self, has_alpha: bool) -> (ServedFormat, Weight) {
        let (jpg, png) = (self.weight(self.jpg), self.weight(self.png));
        let is_png_better = match (self.jpg, self.png) {
            _ if jpg == Weight::ZERO || png == Weight::ZERO => png > jpg,
            (Some(_), Some(_)) if jpg != png => png > jpg,
            // A range such as `*/*;q=0.8` ranks what it covers below what a browser likes to name, not by what is in the picture.
            _ => has_alpha,
        };
        if is_png_better { (ServedFormat::Png, png) } else { (ServedFormat::Jpg, jpg) }
    }
}

/// `None`: malformed.
fn read(member: &MediaType<'_>) -> Option<(Range, Weight)> {
    let mut weight = None;
    let mut has_parameters = false;
    for (name, value) in member.params.iter() {
        if !name.as_str().eq_ignore_ascii_case("q") {
            has_parameters = true;
        } else if weight.replace(Weight::parse(value.as_str())?).is_some() {
            return None;
        }
    }
    let (main, sub) = (member.ty.as_str(), member.subty.as_str());
    let range = match (main, sub) {
        ("*", "*") => Range::Everything,
        ("*", _) => return None,
        _ if !main.eq_ignore_ascii_case("image") => Range::Nothing,
        (_, "*") => Range::Images,
        _ => {
            let is_ours = |subtype: &str| subtype.eq_ignore_ascii_case(sub);
            let mut formats = ServedFormat::ALL.into_iter();
            formats
                .find(|format| format.content_type().strip_prefix("image/").is_some_and(is_ours))
                .map_or(Range::Nothing, Range::Format)
        }
    };
    // A range with parameters covers only what has them too, and `image/webp+xml` is another type than `image/webp`.
    let range = if has_parameters || member.suffix.is_some() { Range::Nothing } else { range };
    Some((range, weight.unwrap_or(Weight::ONE)))
}

#[cfg(test)]
mod tests;
