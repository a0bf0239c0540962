//! The body of `PUT /profile`: `{"display_name": "Ada Lovelace", "bio": "..."}`. It replaces the profile whole.

use super::text::{Bio, DisplayName, TextError};
use crate::auth::parse_unambiguous_json;
use serde_json::{Map, Value};
use std::fmt;

/// Longest body, in bytes. Decomposed, a character has at most four code units of 16 bits, and JSON may spell each as `\uXXXX`:
/// 210 characters of 24 bytes, and what is around them.
pub(crate) const MAX_BODY_BYTES: u64 = 8 * 1024;

/// What a person may write of themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fields {
    pub(crate) display_name: DisplayName,
    pub(crate) bio: Bio,
}

/// Why a body is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FieldsError {
    /// It is no JSON object, or one that names a member twice.
    NotAnObject,
    /// This member is at fault.
    Member { name: String, fault: Fault },
}

/// What is wrong with a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Unknown,
    Missing,
    NotAString,
    Text(TextError),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("is not known"),
            Self::Missing => f.write_str("has to be there"),
            Self::NotAString => f.write_str("has to be a string"),
            Self::Text(error) => error.fmt(f),
        }
    }
}

const DISPLAY_NAME: &str = "display_name";
const BIO: &str = "bio";

impl Fields {
    /// Reads a body. `null` is the same as nothing, and no `bio` is an empty one.
    ///
    /// # Errors
    ///
    /// See [`FieldsError`]; of several members the first one in the order of their names.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, FieldsError> {
        let body: Map<String, Value> = parse_unambiguous_json(body).ok_or(FieldsError::NotAnObject)?;
        if let Some(name) = body.keys().find(|name| !matches!(name.as_str(), DISPLAY_NAME | BIO)) {
            return Err(FieldsError::Member { name: name.clone(), fault: Fault::Unknown });
        }
        let bio = match text(&body, BIO) {
            Ok(text) => text.map_or(Ok(Bio::empty()), Bio::new).map_err(Fault::Text),
            Err(fault) => Err(fault),
        };
        let bio = bio.map_err(|fault| of(BIO, fault))?;
        let display_name = text(&body, DISPLAY_NAME)
            .and_then(|text| text.ok_or(Fault::Missing))
            .and_then(|text| DisplayName::new(text).map_err(Fault::Text))
            .map_err(|fault| of(DISPLAY_NAME, fault))?;
        Ok(Self { display_name, bio })
    }
}

fn of(name: &str, fault: Fault) -> FieldsError {
    FieldsError::Member { name: name.to_owned(), fault }
}

fn text<'a>(body: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Fault> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Fault::NotAString),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use icu_normalizer::DecomposingNormalizerBorrowed;
    use serde_json::json;

    fn parsed(body: &Value) -> Result<(String, String), (String, Fault)> {
        match Fields::parse(body.to_string().as_bytes()) {
            Ok(fields) => Ok((fields.display_name.as_str().to_owned(), fields.bio.as_str().to_owned())),
            Err(FieldsError::Member { name, fault }) => Err((name, fault)),
            Err(FieldsError::NotAnObject) => panic!("{body} is an object"),
        }
    }

    #[test]
    fn a_name_is_enough_and_no_bio_is_an_empty_one() {
        let nameless = Ok(("Ada".to_owned(), String::new()));
        for body in [
            json!({"display_name": "Ada"}),
            json!({"display_name": " Ada ", "bio": null}),
            json!({"display_name": "Ada", "bio": " "}),
        ] {
            assert_eq!(parsed(&body), nameless, "{body}");
        }
        let body = json!({"display_name": "<b>Ada</b>", "bio": "'); DROP TABLE profiles;--"});
        let taken = ("<b>Ada</b>".to_owned(), "'); DROP TABLE profiles;--".to_owned());
        assert_eq!(parsed(&body), Ok(taken));
    }

    #[test]
    fn each_fault_names_its_member() {
        let refused = |body: Value| parsed(&body).unwrap_err();
        for body in [json!({}), json!({"bio": "x"}), json!({"display_name": null})] {
            assert_eq!(refused(body), ("display_name".to_owned(), Fault::Missing));
        }
        for value in [json!(1), json!(true), json!([]), json!({}), json!(["Ada"])] {
            let wrong = |name: &str| (name.to_owned(), Fault::NotAString);
            assert_eq!(refused(json!({"display_name": value})), wrong("display_name"));
            assert_eq!(refused(json!({"display_name": "Ada", "bio": value})), wrong("bio"));
        }
        let unknown = refused(json!({"display_name": "Ada", "is_admin": true}));
        assert_eq!(unknown, ("is_admin".to_owned(), Fault::Unknown));
        assert_eq!(refused(json!({"Display_Name": "Ada"})).1, Fault::Unknown);
        let empty = refused(json!({"display_name": " "}));
        assert_eq!(empty, ("display_name".to_owned(), Fault::Text(TextError::Empty)));
        let long = refused(json!({"display_name": "Ada", "bio": "x".repeat(161)}));
        assert_eq!((long.0.as_str(), long.1.to_string().contains("at most 160")), ("bio", true));
    }

    #[test]
    fn what_is_no_json_object_or_says_a_thing_twice_is_refused() {
        let twice = r#"{"display_name": "Ada", "display_n\u0061me": "Eve"}"#;
        let lone = r#"{"display_name": "\ud83d"}"#;
        for body in ["", "{", "[]", "\"Ada\"", "null", "display_name=Ada", "\u{feff}{}", "{} {}", twice, lone]
        {
            assert_eq!(Fields::parse(body.as_bytes()), Err(FieldsError::NotAnObject), "{body}");
        }
        assert_eq!(Fields::parse(b"{\"display_name\": \"\xff\"}"), Err(FieldsError::NotAnObject));
    }

    /// The longest spelling of the longest profile: decomposed, with everything escaped.
    #[test]
    fn every_spelling_of_a_profile_fits_into_the_body() {
        // Alpha with psili, varia and ypogegrammeni; a Chakma vowel of two characters beyond the 16 bits.
        for (composed, parts) in [("\u{1f82}", 4), ("\u{1112e}", 2)] {
            let decomposed = DecomposingNormalizerBorrowed::new_nfd().normalize(composed);
            assert_eq!(decomposed.chars().count(), parts);
            let escaped: String = decomposed.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
            let body = format!(
                r#"{{"display_name":"{}","bio":"{}"}}"#,
                escaped.repeat(DisplayName::MAX_CHARACTERS),
                escaped.repeat(Bio::MAX_CHARACTERS)
            );
            assert!(body.len() as u64 <= MAX_BODY_BYTES, "{} bytes", body.len());
            let fields = Fields::parse(body.as_bytes()).unwrap();
            assert_eq!(fields.bio.as_str(), composed.repeat(160));
        }
    }
}
