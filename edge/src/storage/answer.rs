//! What S3 answers in XML: a page of a listing, and why it refused. Read within bounds, never trusted.
//!
//! `quick-xml` reads the events; it expands no entities beyond the five of XML and fetches nothing. `rusty-s3` has a parser
//! of listings too, but none of errors, and comes with a signer that is not used here.

use super::Listed;
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};
use std::borrow::Cow;
use std::fmt;

/// Most keys of a page; S3 gives no more. <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>
pub(crate) const MAX_KEYS: usize = 1000;
/// A key has at most 1,024 bytes, three times as many when each is escaped.
const MAX_TEXT_BYTES: usize = 4096;
const MAX_DEPTH: usize = 8;

/// One page of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) objects: Vec<Listed>,
    /// Asks for the next page. `None`: this is the last.
    pub(crate) continuation: Option<String>,
}

/// An answer that is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

impl<E: std::error::Error> From<E> for Malformed {
    fn from(_: E) -> Self {
        Self
    }
}

/// S3's word for a failure, such as `SignatureDoesNotMatch`: letters and digits, at most 64.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ErrorCode(String);

impl ErrorCode {
    const MAX_BYTES: usize = 64;

    fn new(text: &str) -> Option<Self> {
        let is_word = (1..=Self::MAX_BYTES).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
        is_word.then(|| Self(text.to_owned()))
    }

    #[cfg(test)]
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `Code` of an error document. Its message is left alone: it may repeat what was sent.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>
pub(crate) fn error_code(document: &[u8]) -> Option<ErrorCode> {
    let mut code = None;
    walk(document, |path, text| {
        if let ["Error", "Code"] = path {
            code = ErrorCode::new(text.trim());
        }
        Ok(())
    })
    .ok()?;
    code
}

/// A `ListBucketResult`.
///
/// # Errors
///
/// [`Malformed`] if it is not one, or ends early, or says that there is more without saying how to get it, or shows an
/// object without key, size, time and tag.
pub(crate) fn page(document: &[u8]) -> Result<Page, Malformed> {
    let (mut objects, mut object) = (Vec::new(), Draft::default());
    let (mut is_truncated, mut continuation, mut is_escaped, mut has_root) = (None, None, false, false);
    walk(document, |path, text| {
        match path {
            ["ListBucketResult"] => has_root = true,
            ["ListBucketResult", "IsTruncated"] => is_truncated = Some(text.trim() == "true"),
            ["ListBucketResult", "NextContinuationToken"] => {
                continuation = Some(text.to_owned()).filter(|token| !token.is_empty());
            }
            ["ListBucketResult", "EncodingType"] => is_escaped = text.trim() == "url",
            ["ListBucketResult", "Contents"] => {
                if objects.len() >= MAX_KEYS {
                    return Err(Malformed);
                }
                objects.push(std::mem::take(&mut object));
            }
            ["ListBucketResult", "Contents", "Key"] => object.key = Some(text.to_owned()),
            ["ListBucketResult", "Contents", "ETag"] => object.etag = Some(text.to_owned()),
            ["ListBucketResult", "Contents", "Size"] => object.size_bytes = Some(text.trim().parse()?),
            ["ListBucketResult", "Contents", "LastModified"] => {
                object.last_modified = Some(text.trim().parse()?);
            }
            _ => {}
        }
        Ok(())
    })?;
    if !has_root {
        return Err(Malformed);
    }
    let continuation = match (is_truncated, continuation) {
        // Followed all the same, a token beside "no more" would begin the list anew.
        (Some(false), _) => None,
        // Without a token the rest would be lost in silence.
        (Some(true), None) => return Err(Malformed),
        (_, continuation) => continuation,
    };
    let objects = objects.into_iter().map(|object| object.finish(is_escaped)).collect::<Option<_>>();
    Ok(Page { objects: objects.ok_or(Malformed)?, continuation })
}

/// An object as far as it was read.
#[derive(Default)]
struct Draft {
    key: Option<String>,
    etag: Option<String>,
    size_bytes: Option<u64>,
    last_modified: Option<Timestamp>,
}

impl Draft {
    fn finish(self, is_escaped: bool) -> Option<Listed> {
        let key = self.key?;
        let key = if is_escaped { unescape(&key)? } else { key };
        Some(Listed {
            key,
            etag: self.etag?,
            size_bytes: self.size_bytes?,
            last_modified: self.last_modified?,
        })
    }
}

/// As S3 escapes keys for `encoding-type=url`: a plus is a space, as in forms.
fn unescape(key: &str) -> Option<String> {
    let spaced = key.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().ok().map(Cow::into_owned)
}

/// Calls `visit` at the end of each element with the names on the way to it and the text directly in it.
fn walk(
    document: &[u8],
    mut visit: impl FnMut(&[&str], &str) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    let mut reader = Reader::from_str(std::str::from_utf8(document)?);
    // Names and texts of the elements that are open.
    let (mut names, mut texts): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let mut has_ended = false;
    let mut close = |names: &mut Vec<String>, texts: &mut Vec<String>| {
        let path: Vec<&str> = names.iter().map(String::as_str).collect();
        visit(&path, texts.last().ok_or(Malformed)?)?;
        names.pop();
        texts.pop();
        Ok::<_, Malformed>(names.is_empty())
    };
    loop {
        let event = reader.read_event()?;
        let empty = matches!(event, Event::Empty(_));
        match event {
            Event::Start(element) | Event::Empty(element) => {
                if has_ended || names.len() >= MAX_DEPTH {
                    return Err(Malformed);
                }
                names.push(std::str::from_utf8(element.local_name().as_ref())?.to_owned());
                texts.push(String::new());
                if empty {
                    has_ended = close(&mut names, &mut texts)?;
                }
            }
            // The reader has checked that it is the end of what was begun last.
            Event::End(_) => has_ended = close(&mut names, &mut texts)?,
            Event::Text(text) => append(&mut texts, &text.decode()?)?,
            Event::CData(text) => append(&mut texts, &text.decode()?)?,
            Event::GeneralRef(reference) => {
                let character = resolve(&reference)?;
                append(&mut texts, character.encode_utf8(&mut [0; 4]))?;
            }
            // S3 sends none, and a document that declares entities is up to something.
            Event::DocType(_) => return Err(Malformed),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => return if has_ended { Ok(()) } else { Err(Malformed) },
        }
    }
}

fn append(texts: &mut [String], more: &str) -> Result<(), Malformed> {
    match texts.last_mut() {
        Some(text) if text.len() + more.len() <= MAX_TEXT_BYTES => text.push_str(more),
        Some(_) => return Err(Malformed),
        // Outside of the root there is white space at most.
        None if more.trim().trim_start_matches('\u{feff}').is_empty() => {}
        None => return Err(Malformed),
    }
    Ok(())
}

/// A character reference, or one of the five entities of XML 1.0 section 4.6.
fn resolve(reference: &BytesRef<'_>) -> Result<char, Malformed> {
    if let Some(character) = reference.resolve_char_ref()? {
        return Ok(character);
    }
    match &*reference.decode()? {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => Err(Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(inner: &str) -> Result<Page, Malformed> {
        page(format!("<?xml version=\"1.0\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{inner}</ListBucketResult>").as_bytes())
    }

    fn object(key: &str) -> String {
        format!(
            "<Contents><Key>{key}</Key><LastModified>2026-03-01T12:00:00.000Z</LastModified>\
             <ETag>&quot;0123&#34;</ETag><Size>5</Size><Owner><ID>x</ID></Owner></Contents>"
        )
    }

    #[test]
    fn a_page_is_read() {
        let page = list(&format!(
            "<Name>b</Name><Prefix/><KeyCount>1</KeyCount><IsTruncated>false</IsTruncated>{}",
            object("a/b &amp; c")
        ));
        let last_modified = "2026-03-01T12:00:00Z".parse().unwrap();
        let (key, etag) = ("a/b & c".to_owned(), "\"0123\"".to_owned());
        let objects = vec![Listed { key, etag, size_bytes: 5, last_modified }];
        assert_eq!(page, Ok(Page { objects, continuation: None }));
        assert_eq!(list(""), Ok(Page { objects: Vec::new(), continuation: None }));
    }

    #[test]
    fn a_namespace_may_have_a_prefix_or_be_missing() {
        let bare = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";
        let prefixed =
            "<s:ListBucketResult xmlns:s='x'><s:IsTruncated>false</s:IsTruncated></s:ListBucketResult>";
        for document in [bare, prefixed] {
            assert_eq!(page(document.as_bytes()).map(|page| page.objects.len()), Ok(0), "{document}");
        }
    }

    #[test]
    fn escaped_keys_are_unescaped_where_the_answer_says_so() {
        let keys = |inner: &str| {
            list(inner).unwrap().objects.into_iter().map(|object| object.key).collect::<Vec<_>>()
        };
        let escaped = object("a%2Bb+c%C3%A4");
        assert_eq!(keys(&format!("{escaped}<EncodingType>url</EncodingType>")), ["a+b cä"]);
        assert_eq!(keys(&escaped), ["a%2Bb+c%C3%A4"]);
        assert_eq!(list(&format!("<EncodingType>url</EncodingType>{}", object("%FF"))), Err(Malformed));
    }

    #[test]
    fn the_token_counts_only_where_there_is_more() {
        let token = |inner: &str| list(inner).map(|page| page.continuation);
        let given = "<NextContinuationToken>t</NextContinuationToken>";
        assert_eq!(token(&format!("<IsTruncated>true</IsTruncated>{given}")), Ok(Some("t".to_owned())));
        assert_eq!(token(&format!("<IsTruncated>false</IsTruncated>{given}")), Ok(None));
        assert_eq!(token("<IsTruncated>true</IsTruncated>"), Err(Malformed));
        let empty = "<IsTruncated>true</IsTruncated><NextContinuationToken/>";
        assert_eq!(token(empty), Err(Malformed));
    }

    #[test]
    fn what_is_no_listing_is_malformed() {
        let whole = format!("<ListBucketResult>{}</ListBucketResult>", object("k"));
        for end in 0..whole.len() {
            assert_eq!(page(&whole.as_bytes()[..end]), Err(Malformed), "cut at {end}");
        }
        let deep = format!("<ListBucketResult>{}{}</ListBucketResult>", "<a>".repeat(9), "</a>".repeat(9));
        let many = format!("<ListBucketResult>{}</ListBucketResult>", object("k").repeat(1001));
        let long = format!("<ListBucketResult>{}</ListBucketResult>", object(&"k".repeat(5000)));
        for document in [
            "",
            "not xml",
            "<Error><Code>AccessDenied</Code></Error>",
            "<ListBucketResult></ListBucketResult><ListBucketResult></ListBucketResult>",
            "<ListBucketResult></ListBucketResult>more",
            "<ListBucketResult><Contents><Key>k</Key></Contents></ListBucketResult>",
            "<ListBucketResult><Contents><Size>-1</Size></Contents></ListBucketResult>",
            "<ListBucketResult><Contents><LastModified>yesterday</LastModified></Contents></ListBucketResult>",
            "<ListBucketResult><Name>&unknown;</Name></ListBucketResult>",
            "<ListBucketResult><Name>&#xD800;</Name></ListBucketResult>",
            "<!DOCTYPE x [<!ENTITY a \"b\">]><ListBucketResult></ListBucketResult>",
            "<ListBucketResult><Name></ListBucketResult></Name>",
            &deep,
            &many,
            &long,
        ] {
            assert_eq!(page(document.as_bytes()), Err(Malformed), "{document:.200}");
        }
        assert_eq!(page(b"<ListBucketResult>\xff</ListBucketResult>"), Err(Malformed));
        let many = format!("<ListBucketResult>{}</ListBucketResult>", object("k").repeat(1000));
        assert_eq!(page(many.as_bytes()).map(|page| page.objects.len()), Ok(1000));
    }

    #[test]
    fn damaged_documents_are_refused_or_read_within_bounds() {
        let document = format!(
            "<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>false</IsTruncated>{}<![CDATA[x]]></ListBucketResult>",
            object("a&#x41;&amp;").repeat(3)
        );
        const BYTES: &[u8] = b"<>&;/!?[]-\"'= \xff\x00\xc3aD";
        let mut state = 1_u32;
        let mut random = |end: usize| {
            // Numerical Recipes, section 7.1: a linear congruential generator is random enough here.
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as usize % end
        };
        let mut read = 0;
        for _ in 0..20_000 {
            let mut bytes = document.clone().into_bytes();
            for _ in 0..=random(3) {
                let at = random(bytes.len());
                match random(3) {
                    0 => bytes[at] = BYTES[random(BYTES.len())],
                    1 => drop(bytes.drain(at..(at + random(9)).min(bytes.len()))),
                    _ => bytes.insert(at, BYTES[random(BYTES.len())]),
                }
            }
            let _ = error_code(&bytes);
            if let Ok(page) = page(&bytes) {
                read += 1;
                assert!(page.objects.len() <= 3);
            }
        }
        assert!((1_000..19_000).contains(&read), "{read} were still listings");
    }

    #[test]
    fn of_an_error_the_code_is_read_and_nothing_else() {
        let code = |document: &str| error_code(document.as_bytes()).map(|code| code.as_str().to_owned());
        let document = "<?xml version=\"1.0\"?><Error><Code>SignatureDoesNotMatch</Code><Message>AKID x</Message></Error>";
        assert_eq!(code(document).as_deref(), Some("SignatureDoesNotMatch"));
        for document in [
            "",
            "<html><body>502</body></html>",
            "<Error></Error>",
            "<Error><Code></Code></Error>",
            "<Error><Code>two words</Code></Error>",
            "<Error><Code>line\nbreak</Code></Error>",
            "<Error><Code>AccessDenied",
            &format!("<Error><Code>{}</Code></Error>", "x".repeat(65)),
        ] {
            assert_eq!(code(document), None, "{document}");
        }
    }
}
