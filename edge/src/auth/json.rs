//! JSON in which no object names a member twice. RFC 7515 section 4 and RFC 7519 section 4 ask for it: of two readers of the same token, one must
//! not see the first member and the other the last.

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// Reads a value; `None` where it is no JSON, not of this shape, or names a member twice at any depth.
///
/// `serde_json` gives up at 128 levels, so that no depth of nesting exhausts the stack.
pub(crate) fn parse<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
    let Unambiguous(value) = serde_json::from_slice(json).ok()?;
    serde_json::from_value(value).ok()
}

struct Unambiguous(Value);

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UnambiguousVisitor).map(Self)
    }
}

struct UnambiguousVisitor;

impl<'de> Visitor<'de> for UnambiguousVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without a member named twice")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        // Grows with what is read: the input says nothing of its length beforehand.
        let mut all = Vec::new();
        while let Some(Unambiguous(item)) = items.next_element()? {
            all.push(item);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut all = Map::new();
        while let Some((name, Unambiguous(member))) = members.next_entry::<String, _>()? {
            if all.insert(name, member).is_some() {
                return Err(A::Error::custom("a member is named twice"));
            }
        }
        Ok(Value::Object(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(json: &str) -> Option<Value> {
        parse(json.as_bytes())
    }

    #[test]
    fn a_member_named_twice_is_refused_at_any_depth_and_in_any_spelling() {
        for json in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"x":{"a":1,"b":2,"a":3}}"#,
            r#"[{"a":1},{"a":1,"a":null}]"#,
            r#"{"":1,"":1}"#,
        ] {
            assert_eq!(value(json), None, "{json}");
        }
        assert!(value(r#"{"a":{"a":1},"b":[{"a":1},{"a":2}],"A":1}"#).is_some());
    }

    #[test]
    fn all_kinds_of_values_come_through() {
        let json = r#"{"a":[null,true,-1,18446744073709551615,1.5,"\u00e4"],"b":{}}"#;
        assert_eq!(value(json), serde_json::from_str(json).ok());
    }

    #[test]
    fn what_is_no_json_or_too_deep_or_too_large_a_number_is_refused() {
        let deep = "[".repeat(4000) + &"]".repeat(4000);
        let unclosed = r#"{"a":"#.repeat(1000);
        for json in
            ["", " ", "{", "{}x", "\u{feff}{}", "{'a':1}", "{\"a\":1e999}", "{\"a\":NaN}", &deep, &unclosed]
        {
            assert_eq!(value(json), None, "{json:.20}");
        }
        assert_eq!(parse::<Value>(b"{\"a\":\"\xff\"}"), None);
    }
}
