//! JavaScript objects -> options, by way of serde.
//!
//! Ours, and not the deserializer of `serde-wasm-bindgen`, which makes the objects that go the other way: it passes over misspelled members,
//! does not say which member it stumbled over, and brings the formatting of floats into the module: 14 kB of the 100 kB that JPEG alone has,
//! compressed.

use crate::Error;
use js_sys::{Array, Number, Object, Reflect};
use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeOwned, DeserializeSeed, Expected, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use std::cell::Cell;
use std::{fmt, vec};
use wasm_bindgen::{JsCast, JsValue};

/// Reads options, which are called `what` where no single member is wrong. A member that is `undefined` counts as absent, and so do options that
/// are `undefined` or `null`; a member of an unknown name is refused.
pub(super) fn read<T: DeserializeOwned + Default>(options: &JsValue, what: &'static str) -> Result<T, Error> {
    if options.is_undefined() || options.is_null() {
        return Ok(T::default());
    }
    let member = Cell::new(what);
    let read = object(options).and_then(|object| T::deserialize(Options { object, member: &member }));
    read.map_err(|wrong| Error::bad_recipe(member.get(), wrong.0))
}

fn object(options: &JsValue) -> Result<&Object, Wrong> {
    let object = options.dyn_ref::<Object>().filter(|object| !Array::is_array(object));
    object.ok_or_else(|| Wrong("it is not an object with members".into()))
}

/// The options themselves.
struct Options<'o> {
    object: &'o Object,
    /// Which member is being read; before that, what the options are called.
    member: &'o Cell<&'static str>,
}

impl<'de> de::Deserializer<'de> for Options<'_> {
    type Error = Wrong;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        let mut members = Vec::new();
        let what = self.member.get();
        for key in Object::keys(self.object) {
            let Some(name) = fields.iter().find(|name| key == **name) else {
                self.member.set(what);
                let names = fields.join(", ");
                return Err(Wrong(format!("it has a member of an unknown name; there are {names}")));
            };
            self.member.set(name);
            members.push((*name, get(self.object, name)?));
        }
        visitor.visit_map(Members {
            rest: members.into_iter(),
            value: JsValue::UNDEFINED,
            member: Some(self.member),
        })
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        Err(de::Error::invalid_type(Unexpected::Map, &visitor))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct seq tuple
        tuple_struct map enum identifier ignored_any
    }
}

fn get(object: &JsValue, name: &str) -> Result<JsValue, Wrong> {
    Reflect::get(object, &name.into()).map_err(|_| Wrong("it cannot be read".into()))
}

struct Members<'o> {
    rest: vec::IntoIter<(&'static str, JsValue)>,
    value: JsValue,
    /// Where the name of the member goes, if anybody asks for it.
    member: Option<&'o Cell<&'static str>>,
}

impl<'de> de::MapAccess<'de> for Members<'_> {
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Wrong> {
        let Some((name, value)) = self.rest.find(|(_, value)| !value.is_undefined()) else { return Ok(None) };
        self.value = value;
        if let Some(member) = self.member {
            member.set(name);
        }
        let name: StrDeserializer<'_, Wrong> = name.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Wrong> {
        seed.deserialize(Value(&self.value))
    }
}

/// The value of a member.
struct Value<'v>(&'v JsValue);

impl Value<'_> {
    fn is_nothing(&self) -> bool {
        self.0.is_undefined() || self.0.is_null()
    }
}

impl<'de> de::Deserializer<'de> for Value<'_> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        if let Some(number) = self.0.as_f64() {
            // Beyond the safe integers a number stands for its neighbours too.
            return if !Number::is_safe_integer(self.0) {
                visitor.visit_f64(number)
            } else if number < 0.0 {
                visitor.visit_i64(number as i64)
            } else {
                visitor.visit_u64(number as u64)
            };
        }
        if let Some(text) = self.0.as_string() {
            return visitor.visit_string(text);
        }
        match self.0.as_bool() {
            Some(truth) => visitor.visit_bool(truth),
            None if self.is_nothing() => visitor.visit_unit(),
            None if Array::is_array(self.0) => Err(de::Error::invalid_type(Unexpected::Seq, &visitor)),
            None => Err(de::Error::invalid_type(Unexpected::Map, &visitor)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        if self.is_nothing() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        match self.0.as_string() {
            Some(variant) => visitor.visit_enum(variant.into_deserializer()),
            None => self.deserialize_any(visitor),
        }
    }

    /// Of any object that has the members, such as a `DOMRect`.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        if !self.0.is_object() {
            return self.deserialize_any(visitor);
        }
        let members: Result<Vec<_>, Wrong> =
            fields.iter().map(|name| Ok((*name, get(self.0, name)?))).collect();
        visitor.visit_map(Members { rest: members?.into_iter(), value: JsValue::UNDEFINED, member: None })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct newtype_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

/// What is wrong with a member, for a person.
#[derive(Debug)]
struct Wrong(String);

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Wrong {}

impl de::Error for Wrong {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }

    fn invalid_type(given: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self(format!("invalid type: {}, expected {expected}", described(given)))
    }

    fn invalid_value(given: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self(format!("invalid value: {}, expected {expected}", described(given)))
    }
}

/// In serde's words, but for floats in JavaScript's spelling, and for kinds of values that JavaScript has not.
fn described(given: Unexpected<'_>) -> String {
    match given {
        Unexpected::Bool(truth) => format!("boolean `{truth}`"),
        Unexpected::Unsigned(number) => format!("integer `{number}`"),
        Unexpected::Signed(number) => format!("integer `{number}`"),
        Unexpected::Float(number) => {
            let digits = Number::from(number).to_string_with_radix(10).map(String::from);
            format!("floating point `{}`", digits.unwrap_or_default())
        }
        Unexpected::Str(text) => format!("string \"{text}\""),
        Unexpected::Unit | Unexpected::Option => "nothing".into(),
        Unexpected::Seq => "an array".into(),
        Unexpected::Map => "an object".into(),
        _ => "a value of another kind".into(),
    }
}
